import type { KubeObject } from '../../../apiserver/store.ts';
import type { BackingImageState } from '../../../dataplane/contract.ts';
import type { Condition } from './condition.ts';
import type { DataEngine } from './instance.ts';

export interface DiskSpec {
  diskType: 'filesystem' | 'block';
  path: string;
  diskDriver: string;
  allowScheduling: boolean;
  evictionRequested: boolean;
  storageReserved: number;
  tags: string[];
}

export interface DiskStatus {
  conditions: Condition[];
  storageAvailable: number;
  storageScheduled: number;
  storageMaximum: number;
  scheduledReplica: Record<string, number>;
  scheduledBackingImage: Record<string, number>;
  diskUUID: string;
  diskName: string;
  diskPath: string;
  diskType: string;
  diskDriver: string;
  filesystemType: string;
  healthDataLastCollectedAt?: string;
  instanceManagerName: string;
}

export interface Node extends KubeObject {
  spec: {
    name: string;
    disks: Record<string, DiskSpec>;
    allowScheduling: boolean;
    evictionRequested: boolean;
    tags: string[];
    instanceManagerCPURequest: number;
  };
  status?: {
    conditions: Condition[];
    diskStatus: Record<string, DiskStatus>;
    region: string;
    zone: string;
    autoEvicting: boolean;
    snapshotCheckStatus: Record<string, unknown>;
    cpuPolicy?: string;
  };
}

export interface InstanceProcess {
  spec: { dataEngine: DataEngine; name: string; uuid?: string };
  status: Record<string, unknown>;
}

export interface InstanceManager extends KubeObject {
  spec: { image: string; nodeID: string; type: 'aio'; dataEngine: DataEngine; dataEngineSpec: unknown };
  status?: {
    ownerID: string;
    currentState: 'error' | 'running' | 'stopped' | 'starting' | 'unknown';
    conditions?: Condition[];
    instanceEngines?: Record<string, InstanceProcess>;
    instanceReplicas?: Record<string, InstanceProcess>;
    /** From 1.12.0 on. */
    instanceEngineFrontends?: Record<string, InstanceProcess>;
    backingImages: Record<string, InstanceBackingImage> | null;
    ip: string;
    apiMinVersion: number;
    apiVersion: number;
    proxyApiMinVersion: number;
    proxyApiVersion: number;
    dataEngineStatus?: unknown;
  };
}

export interface InstanceBackingImage {
  name: string;
  uuid: string;
  diskUUID: string;
  size: number;
  progress: number;
  state: BackingImageState;
  currentChecksum: string;
  message: string;
}

export interface Setting extends KubeObject {
  value: string;
  status?: { applied: boolean };
}

export interface Orphan extends KubeObject {
  spec: {
    nodeID: string;
    orphanType: string;
    dataEngine?: DataEngine;
    parameters: Record<string, string>;
  };
  status?: { ownerID: string; conditions: Condition[] };
}
