import { newInstanceStatus } from '../model/instance.ts';
import type { EngineStatus } from '../model/engine.ts';

export function newEngineStatus(ownerID: string): EngineStatus {
  return {
    ...newInstanceStatus(ownerID),
    currentSize: '0',
    currentReplicaAddressMap: null,
    replicaModeMap: null,
    endpoint: '',
    rebuildStatus: null,
    purgeStatus: null,
    restoreStatus: null,
    backupStatus: null,
    cloneStatus: null,
    snapshots: null,
    snapshotsError: '',
    isExpanding: false,
    lastExpansionError: '',
    lastExpansionFailedAt: '',
    lastRestoredBackup: '',
    snapshotMaxCount: 0,
    snapshotMaxSize: '0',
    unmapMarkSnapChainRemovedEnabled: false,
  };
}

/** What the monitor found is void once the engine has stopped; the snapshots stay known. */
export function resetMonitoring(status: EngineStatus): void {
  status.endpoint = '';
  status.replicaModeMap = null;
  status.rebuildStatus = null;
  status.purgeStatus = null;
  status.restoreStatus = null;
  delete status.replicaTransitionTimeMap;
}
