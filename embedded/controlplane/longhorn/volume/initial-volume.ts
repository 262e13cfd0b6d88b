import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { VolumeSpec, VolumeStatus } from '../model/volume.ts';

export function newVolumeStatus(ownerID: string): VolumeStatus {
  return {
    ownerID,
    state: '',
    robustness: '',
    currentNodeID: '',
    currentImage: '',
    conditions: null,
    lastDegradedAt: '',
    actualSize: 0,
    frontendDisabled: false,
    expansionRequired: false,
    remountRequestedAt: '',
    kubernetesStatus: {
      pvName: '',
      pvStatus: '',
      namespace: '',
      pvcName: '',
      lastPVCRefAt: '',
      lastPodRefAt: '',
      workloadsStatus: null,
    },
    cloneStatus: { attemptCount: 0, nextAllowedAttemptAt: '', snapshot: '', sourceVolume: '', state: '' },
    currentEngineNodeID: '',
    currentMigrationNodeID: '',
    isStandby: false,
    lastAutoSalvagedAt: '',
    lastBackup: '',
    lastBackupAt: '',
    pendingNodeID: '',
    restoreInitiated: false,
    restoreRequired: false,
    shareEndpoint: '',
    shareState: '',
    switchoverState: '',
  };
}

const zeroSpec: Partial<VolumeSpec> = {
  Standby: false,
  backendStoreDriver: '',
  backingImage: '',
  dataLayout: { mode: '', type: '' },
  dataSource: '',
  disableFrontend: false,
  encrypted: false,
  engineImage: '',
  engineNodeID: '',
  fromBackup: '',
  lastAttachedBy: '',
  migratable: false,
  migrationNodeID: '',
  nodeID: '',
  rebuildConcurrentSyncLimit: 0,
  replicaRebuildingBandwidthLimit: 0,
  revisionCounterDisabled: false,
  snapshotMaxSize: '0',
  staleReplicaTimeout: 0,
};

const isRecurringJob = (label: string): boolean => /^recurring-job(-group)?\.longhorn\.io\//.test(label);

/**
 * What the first full write of a volume adds: the empty fields, and the default group of recurring jobs where it is in
 * none (recorded/longhorn-1.12.1/transitions.jsonl). The webhook adds the labels of the settings that it follows.
 */
export function completeSpec(cluster: LonghornCluster, name: string): void {
  cluster.volumes.change(name, (draft) => {
    const { labels } = draft.metadata;
    const grouped = Object.keys(labels ?? {}).some(isRecurringJob);
    if (draft.spec.nodeID !== undefined && grouped) return;
    draft.spec = { ...zeroSpec, ...draft.spec };
    if (!grouped) draft.metadata.labels = { ...labels, 'recurring-job-group.longhorn.io/default': 'enabled' };
  });
}

export function createAttachment(cluster: LonghornCluster, name: string): void {
  if (cluster.attachments.get(name) !== undefined) return;
  cluster.attachments.create({
    metadata: { name, labels: { [labelKeys.volume]: name } },
    spec: { volume: name, attachmentTickets: {} },
  });
}

export function hasOfflineRebuilding(cluster: LonghornCluster): boolean {
  return isInVersionRange(cluster.profile.version, '1.9.0-rc2..');
}
