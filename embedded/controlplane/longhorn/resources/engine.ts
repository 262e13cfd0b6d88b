import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const engine: ResourceData = {
  kind: 'Engine',
  plural: 'engines',
  shortName: 'lhe',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      Data Engine | string | .spec.dataEngine
      State | string | .status.currentState
      Node | string | .spec.nodeID
      InstanceManager | string | .status.instanceManagerName
      Image | string | .status.currentImage
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  active boolean
  backendStoreDriver string @..1.8.2
  backupVolume string
  dataEngine string enum=v1,v2
  desireState string
  disableFrontend boolean
  engineImage string @..1.8.2
  frontend string enum=blockdev,iscsi,nvmf, @..1.8.2
  frontend string enum=blockdev,iscsi,nvmf,ublk, @1.9.0-rc2..
  image string
  logRequested boolean
  nodeID string
  rebuildConcurrentSyncLimit integer min=0 max=5 @1.11.0..
  replicaAddressMap {string}
  requestedBackupRestore string
  requestedDataSource string
  revisionCounterDisabled boolean
  salvageRequested boolean
  snapshotMaxCount integer
  snapshotMaxSize int64-string
  ublkNumberOfQueue integer @1.11.0..
  ublkQueueDepth integer @1.11.0..
  unmapMarkSnapChainRemovedEnabled boolean
  upgradedReplicaAddressMap {string}
  volumeName string
  volumeSize int64-string
status object
  backupStatus {} nullable
    backupURL string
    error string
    progress integer
    replicaAddress string
    snapshotName string
    state string
  cloneStatus {} nullable
    error string
    fromReplicaAddress string
    isCloning boolean
    progress integer
    snapshotName string
    state string
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  currentImage string
  currentReplicaAddressMap {string} nullable
  currentSize int64-string
  currentState string
  endpoint string
  instanceManagerName string
  ip string
  isExpanding boolean
  lastExpansionError string
  lastExpansionFailedAt string
  lastRestoredBackup string
  logFetched boolean
  ownerID string
  port integer
  purgeStatus {} nullable
    error string
    isPurging boolean
    progress integer
    state string
  rebuildConcurrentSyncLimit integer min=0 @1.11.0..
  rebuildStatus {} nullable
    appliedRebuildingMBps int64 @1.10.0..
    error string
    fromReplicaAddress string
    fromReplicaAddressList [string] @1.11.0..
    isRebuilding boolean
    progress integer
    state string
  replicaModeMap {string} nullable
  replicaTransitionTimeMap {string}
  restoreStatus {} nullable
    backupURL string
    currentRestoringBackup string
    error string
    filename string
    isRestoring boolean
    lastRestored string
    progress integer
    state string
  salvageExecuted boolean
  snapshotMaxCount integer
  snapshotMaxSize int64-string
  snapshots {} nullable
    children {boolean} nullable
    created string
    labels {string} nullable
    name string
    parent string
    removed boolean
    size string
    usercreated boolean
  snapshotsError string
  started boolean
  starting boolean @1.9.2..
  storageIP string
  ublkID int32 @1.9.0-rc2..
  unmapMarkSnapChainRemovedEnabled boolean
  uuid string @1.9.0..
`,
};
