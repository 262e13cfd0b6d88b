import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const shardGroup: ResourceData = {
  kind: 'ShardGroup',
  plural: 'shardgroups',
  shortName: 'lhsg',
  since: '1.12.1',
  columns: [
    {
      table: `
      Volume | string | .spec.volumeName
      State | string | .status.state
      Node | string | .spec.nodeID
      Failed | integer | .status.failedCount
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  creationSize int64 set-once
  dataChunks integer min=1
  nodeID string
  parityChunks integer min=1
  stripSizeKB integer min=4 max=1024
  volumeName string
status object
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  ecShardAddressMap {string} nullable
  evictingSlots [integer] nullable
  failedCount integer
  growInProgress boolean
  headLvolUUID string
  instanceManagerName string
  intentionalDeleteSlots [integer] nullable
  lvstoreUUID string
  nqn string
  ownerID string
  port int32
  processState string
  rebuildInProgress boolean
  scrubInProgress boolean
  shardRefs [string] nullable
  state string enum=healthy,degraded,offline,rebuilding,growing,
  storageIP string
  wibDirtyRegion integer
`,
};
