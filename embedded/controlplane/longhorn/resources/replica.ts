import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const replica: ResourceData = {
  kind: 'Replica',
  plural: 'replicas',
  shortName: 'lhr',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      Data Engine | string | .spec.dataEngine
      State | string | .status.currentState
      Node | string | .spec.nodeID
      Disk | string | .spec.diskID
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
  backingImage string
  dataDirectoryName string
  dataEngine string enum=v1,v2
  desireState string
  diskID string
  diskPath string
  engineImage string @..1.8.2
  engineName string
  evictionRequested boolean
  failedAt string
  hardNodeAffinity string
  healthyAt string
  image string
  lastFailedAt string
  lastHealthyAt string
  linkedCloneSrcReplicaName string @1.12.1..
  logRequested boolean
  migrationEngineName string
  nodeID string
  rebuildRetryCount integer
  revisionCounterDisabled boolean
  salvageRequested boolean
  snapshotMaxCount integer
  snapshotMaxSize int64-string
  unmapMarkDiskChainRemovedEnabled boolean
  volumeName string
  volumeSize int64-string
status object
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  currentImage string
  currentState string
  evictionRequested boolean @..1.9.2
  instanceManagerName string
  ip string
  logFetched boolean
  ownerID string
  port integer
  salvageExecuted boolean
  started boolean
  starting boolean @1.9.2..
  storageIP string
  ublkID int32 @1.9.0-rc2..
  uuid string @1.9.0..
`,
};
