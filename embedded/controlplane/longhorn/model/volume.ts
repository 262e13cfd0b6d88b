import type { KubeObject } from '../../../apiserver/store.ts';
import type { Condition } from './condition.ts';
import type { DataEngine } from './instance.ts';

export interface VolumeSpec {
  /** Bytes, as a string. */
  size: string;
  numberOfReplicas: number;
  dataEngine: DataEngine;
  frontend: string;
  backingImage?: string;
  nodeID?: string;
  image: string;
  accessMode: string;
  dataLocality: string;
  staleReplicaTimeout?: number;
  diskSelector?: string[];
  nodeSelector?: string[];
  replicaSoftAntiAffinity?: string;
  replicaZoneSoftAntiAffinity?: string;
  replicaDiskSoftAntiAffinity?: string;
  replicaAutoBalance?: string;
  snapshotMaxCount?: number;
  snapshotMaxSize?: string;
  disableFrontend?: boolean;
  lastAttachedBy?: string;
  revisionCounterDisabled?: boolean;
  rebuildConcurrentSyncLimit?: number;
  migratable?: boolean;
  /** `vol://<volume>` or `snap://<volume>/<snapshot>`: what a clone is made from. */
  dataSource?: string;
  cloneMode?: string;
  // `Standby` and the like pass through untouched.
  [field: string]: unknown;
}

export type VolumeState = '' | 'creating' | 'attached' | 'detached' | 'attaching' | 'detaching' | 'deleting';
export type Robustness = '' | 'healthy' | 'degraded' | 'faulted' | 'unknown';

export interface VolumeStatus {
  ownerID: string;
  state: VolumeState;
  robustness: Robustness;
  currentNodeID: string;
  currentImage: string;
  conditions: Condition[] | null;
  lastDegradedAt: string;
  /** Bytes. */
  actualSize: number;
  frontendDisabled: boolean;
  expansionRequired: boolean;
  remountRequestedAt: string;
  kubernetesStatus: KubernetesStatus;
  cloneStatus: CloneStatus;
  [field: string]: unknown;
}

/** Source: longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/volume.go@v1.12.1. */
export interface CloneStatus {
  sourceVolume: string;
  snapshot: string;
  state: '' | 'initiated' | 'copy-completed-awaiting-healthy' | 'completed' | 'failed';
  attemptCount: number;
  nextAllowedAttemptAt: string;
}

export interface KubernetesStatus {
  pvName: string;
  pvStatus: string;
  namespace: string;
  pvcName: string;
  lastPVCRefAt: string;
  lastPodRefAt: string;
  workloadsStatus: { podName: string; podStatus: string; workloadName: string; workloadType: string }[] | null;
}

export interface Volume extends KubeObject {
  spec: VolumeSpec;
  status?: VolumeStatus;
}

export interface AttachmentTicket {
  id: string;
  type: string;
  nodeID: string;
  parameters?: Record<string, string>;
  generation?: number;
}

export interface VolumeAttachment extends KubeObject {
  spec: { volume: string; attachmentTickets: Record<string, AttachmentTicket> };
  status?: {
    attachmentTicketStatuses: Record<
      string,
      { id: string; satisfied: boolean; conditions: Condition[]; generation: number }
    >;
  };
}

export interface Snapshot extends KubeObject {
  spec: { volume: string; createSnapshot: boolean; labels?: Record<string, string> | null };
  status?: {
    parent: string;
    children: Record<string, boolean> | null;
    markRemoved: boolean;
    userCreated: boolean;
    creationTime: string;
    requestedTime: string;
    size: number;
    labels: Record<string, string> | null;
    ownerID: string;
    error?: string;
    restoreSize: number;
    readyToUse: boolean;
    checksum: string;
  };
}
