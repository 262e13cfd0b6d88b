import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const backingImageDataSource: ResourceData = {
  kind: 'BackingImageDataSource',
  plural: 'backingimagedatasources',
  shortName: 'lhbids',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      UUID | string | .spec.uuid
      State | string | .status.currentState
      SourceType | string | .spec.sourceType
      Size | string | .status.size
      Node | string | .spec.nodeID
      DiskUUID | string | .spec.diskUUID
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  checksum string
  diskPath string
  diskUUID string
  fileTransferred boolean
  nodeID string
  parameters {string}
  sourceType string enum=download,upload,export-from-volume,restore,clone
  uuid string
status object
  checksum string
  currentState string
  ip string
  message string
  ownerID string
  progress integer
  runningParameters {string} nullable
  size int64
  storageIP string
`,
};
