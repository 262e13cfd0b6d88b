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
  dataLayout: { mode: '', type: '' },
  dataSource: '',
  disableFrontend: false,
  encrypted: false,
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

const settingLabels = {
  'recurring-job-group.longhorn.io/default': 'enabled',
  'setting.longhorn.io/remove-snapshots-during-filesystem-trim': 'ignored',
  'setting.longhorn.io/replica-auto-balance': 'ignored',
  'setting.longhorn.io/snapshot-data-integrity': 'ignored',
};

/**
 * What the first full write of a volume adds: the empty fields, and the labels of settings and recurring jobs
 * (recorded/longhorn-1.12.1/transitions.jsonl).
 */
export function completeSpec(cluster: LonghornCluster, name: string): void {
  cluster.volumes.change(name, (draft) => {
    if (draft.spec.nodeID !== undefined && draft.metadata.labels?.['recurring-job-group.longhorn.io/default']) return;
    draft.spec = { ...zeroSpec, ...draft.spec };
    draft.metadata.labels = { ...draft.metadata.labels, ...settingLabels };
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
