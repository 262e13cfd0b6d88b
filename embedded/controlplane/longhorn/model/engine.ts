import type { KubeObject } from '../../../apiserver/store.ts';
import type { ReplicaMode } from '../../../dataplane/contract.ts';
import type { InstanceSpec, InstanceStatus } from './instance.ts';

export interface EngineSpec extends InstanceSpec {
  frontend: string;
  replicaAddressMap: Record<string, string>;
  upgradedReplicaAddressMap: Record<string, string>;
  backupVolume: string;
  requestedBackupRestore: string;
  requestedDataSource: string;
  disableFrontend: boolean;
  active: boolean;
  snapshotMaxCount: number;
  snapshotMaxSize: string;
  unmapMarkSnapChainRemovedEnabled: boolean;
  revisionCounterDisabled: boolean;
  rebuildConcurrentSyncLimit?: number;
}

export interface EngineSnapshot {
  name: string;
  parent: string;
  children: Record<string, boolean>;
  removed: boolean;
  usercreated: boolean;
  created: string;
  /** Bytes, as a string. */
  size: string;
  labels: Record<string, string>;
}

export interface RebuildStatus {
  error: string;
  isRebuilding: boolean;
  progress: number;
  state: string;
  fromReplicaAddress: string;
  fromReplicaAddressList?: string[];
  appliedRebuildingMBps?: number;
}

export interface SnapshotCloneStatus {
  error: string;
  isCloning: boolean;
  progress: number;
  state: string;
  fromReplicaAddress: string;
  snapshotName: string;
}

export interface PurgeStatus {
  error: string;
  isPurging: boolean;
  progress: number;
  state: string;
}

export interface EngineStatus extends InstanceStatus {
  currentSize: string;
  currentReplicaAddressMap: Record<string, string> | null;
  /** Null until the monitor has run; keys may be `UNKNOWN-tcp://ip:port`. */
  replicaModeMap: Record<string, ReplicaMode> | null;
  replicaTransitionTimeMap?: Record<string, string>;
  endpoint: string;
  rebuildStatus: Record<string, RebuildStatus> | null;
  purgeStatus: Record<string, PurgeStatus> | null;
  restoreStatus: Record<string, unknown> | null;
  backupStatus: null;
  cloneStatus: Record<string, SnapshotCloneStatus> | null;
  snapshots: Record<string, EngineSnapshot> | null;
  snapshotsError: string;
  isExpanding: boolean;
  lastExpansionError: string;
  lastExpansionFailedAt: string;
  lastRestoredBackup: string;
  snapshotMaxCount: number;
  snapshotMaxSize: string;
  unmapMarkSnapChainRemovedEnabled: boolean;
}

export interface Engine extends KubeObject {
  spec: EngineSpec;
  status?: EngineStatus;
}

/** Mode-map keys of addresses that no Replica CR explains. */
export const unknownReplicaPrefix = 'UNKNOWN-';
export const volumeHead = 'volume-head';

export function replicaUrl(address: string): string {
  return `tcp://${address}`;
}
