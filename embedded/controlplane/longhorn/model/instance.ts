import type { Condition } from './condition.ts';

export type DataEngine = 'v1' | 'v2';
export type InstanceState = '' | 'running' | 'stopped' | 'error' | 'starting' | 'stopping' | 'unknown' | 'suspended';

/** Fields that Engine and Replica share. Source: longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/instancemanager.go. */
export interface InstanceSpec {
  volumeName: string;
  /** Bytes, as a string. */
  volumeSize: string;
  nodeID: string;
  image: string;
  desireState: 'running' | 'stopped';
  logRequested: boolean;
  salvageRequested: boolean;
  dataEngine: DataEngine;
}

export interface InstanceStatus {
  ownerID: string;
  instanceManagerName: string;
  currentState: InstanceState;
  currentImage: string;
  ip: string;
  storageIP: string;
  port: number;
  started: boolean;
  starting?: boolean;
  uuid?: string;
  logFetched: boolean;
  salvageExecuted: boolean;
  conditions: Condition[] | null;
}

export function newInstanceStatus(ownerID: string): InstanceStatus {
  return {
    ownerID,
    instanceManagerName: '',
    currentState: '',
    currentImage: '',
    ip: '',
    storageIP: '',
    port: 0,
    started: false,
    starting: false,
    logFetched: false,
    salvageExecuted: false,
    conditions: null,
  };
}
