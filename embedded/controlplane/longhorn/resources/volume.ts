import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const volume: ResourceData = {
  kind: 'Volume',
  plural: 'volumes',
  shortName: 'lhv',
  v1beta1Until: '1.8.2',
  columns: [
    {
      versions: '..1.11.3',
      table: `
      Data Engine | string | .spec.dataEngine
      State | string | .status.state
      Robustness | string | .status.robustness
      Scheduled | string | .status.conditions[?(@.type=='Schedulable')].status
      Size | string | .spec.size
      Node | string | .status.currentNodeID
      Age | date | .metadata.creationTimestamp
`,
    },
    {
      versions: '1.12.0..',
      table: `
      Data Engine | string | .spec.dataEngine
      State | string | .status.state
      Robustness | string | .status.robustness
      Scheduled | string | .status.conditions[?(@.type=='Schedulable')].status
      Size | string | .spec.size
      Node | string | .status.currentNodeID
      Switchover | string | .status.switchoverState | priority=1
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  Standby boolean
  accessMode string enum=rwo,rwx @..1.10.2
  accessMode string enum=rwo,rwop,rwx @1.11.0..
  backendStoreDriver string @..1.8.2
  backingImage string @..1.10.2
  backingImage string immutable @1.11.0..
  backupBlockSize int64-string enum=2097152,16777216 @1.10.0..
  backupCompressionMethod string enum=none,lz4,gzip
  backupTargetName string
  cloneMode string enum=,full-copy,linked-clone @1.10.0..
  dataEngine string enum=v1,v2
  dataLayout object immutable @1.12.1..
    dataChunks integer min=0 @1.12.1..
    mode string enum=raid1,erasureCoding, @1.12.1..
    parityChunks integer min=0 @1.12.1..
    stripSizeKB integer min=0 @1.12.1..
    type string enum=replicated,sharded, @1.12.1..
  dataLocality string enum=disabled,best-effort,strict-local
  dataSource string
  disableFrontend boolean
  diskSelector [string]
  encrypted boolean @..1.10.2
  encrypted boolean immutable @1.11.0..
  engineImage string @..1.8.2
  engineNodeID string @1.12.0..
  freezeFilesystemForSnapshot string enum=ignored,enabled,disabled
  fromBackup string
  frontend string enum=blockdev,iscsi,nvmf, @..1.8.2
  frontend string enum=blockdev,iscsi,nvmf,ublk, @1.9.0-rc2..
  image string
  lastAttachedBy string
  migratable boolean
  migrationNodeID string
  nodeID string
  nodeSelector [string]
  numberOfReplicas integer
  offlineRebuilding string enum=ignored,disabled,enabled @1.9.0-rc2..
  rebuildConcurrentSyncLimit integer min=0 max=5 @1.11.0..
  replicaAutoBalance string enum=ignored,disabled,least-effort,best-effort
  replicaDiskSoftAntiAffinity string enum=ignored,enabled,disabled
  replicaRebuildingBandwidthLimit int64 min=0 @1.10.0..
  replicaSoftAntiAffinity string enum=ignored,enabled,disabled
  replicaZoneSoftAntiAffinity string enum=ignored,enabled,disabled
  restoreVolumeRecurringJob string enum=ignored,enabled,disabled
  revisionCounterDisabled boolean
  size int64-string
  snapshotDataIntegrity string enum=ignored,disabled,enabled,fast-check
  snapshotHashingRequestedAt string @1.12.0..
  snapshotMaxCount integer
  snapshotMaxSize int64-string
  staleReplicaTimeout integer
  ublkNumberOfQueue integer @1.11.0..
  ublkQueueDepth integer @1.11.0..
  unmapMarkSnapChainRemoved string enum=ignored,disabled,enabled
status object
  actualSize int64
  cloneStatus object
    attemptCount integer
    nextAllowedAttemptAt string
    snapshot string
    sourceVolume string
    state string
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  currentEngineNodeID string @1.12.0..
  currentImage string
  currentMigrationNodeID string
  currentNodeID string
  expansionRequired boolean
  frontendDisabled boolean
  isStandby boolean
  kubernetesStatus object
    lastPVCRefAt string
    lastPodRefAt string
    namespace string
    pvName string
    pvStatus string
    pvcName string
    workloadsStatus [] nullable
      podName string
      podStatus string
      workloadName string
      workloadType string
  lastAutoSalvagedAt string @1.12.0..
  lastBackup string
  lastBackupAt string
  lastDegradedAt string
  lastOnDemandSnapshotHashingCompleteAt string @1.12.0..
  ownerID string
  pendingNodeID string @..1.8.2
  remountRequestedAt string
  restoreInitiated boolean
  restoreRequired boolean
  robustness string
  shareEndpoint string
  shareState string
  state string
  switchoverState string @1.12.0..
`,
};
