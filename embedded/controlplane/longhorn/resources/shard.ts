import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const shard: ResourceData = {
  kind: 'Shard',
  plural: 'shards',
  shortName: 'lhsd',
  since: '1.12.1',
  columns: [
    {
      table: `
      ShardGroup | string | .spec.shardGroupName
      Slot | integer | .spec.slotIndex
      Node | string | .spec.nodeID
      State | string | .status.state
      Role | string | .status.role
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  diskPath string
  diskUUID string
  evictionRequested boolean
  nodeID string
  shardGroupName string
  size int64-string
  slotIndex integer min=0
status object
  lastFailureTimestamp string
  ownerID string
  port int32
  rebuildProgress integer
  replaceTriggered boolean
  role string enum=data,parity,
  state string enum=normal,failed,replacing,
  storageIP string
`,
};
