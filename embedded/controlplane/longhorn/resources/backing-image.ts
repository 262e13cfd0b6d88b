import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const backingImage: ResourceData = {
  kind: 'BackingImage',
  plural: 'backingimages',
  shortName: 'lhbi',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      UUID | string | .status.uuid
      SourceType | string | .spec.sourceType
      Size | string | .status.size
      VirtualSize | string | .status.virtualSize
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  checksum string
  dataEngine string enum=v1,v2 default=v1
  diskFileSpecMap {}
    dataEngine string enum=v1,v2
    evictionRequested boolean
  diskSelector [string]
  disks {string}
  minNumberOfCopies integer
  nodeSelector [string]
  secret string
  secretNamespace string
  sourceParameters {string}
  sourceType string enum=download,upload,export-from-volume,restore,clone
status object
  checksum string
  diskFileStatusMap {} nullable
    dataEngine string enum=v1,v2
    lastStateTransitionTime string
    message string
    progress integer
    state string
  diskLastRefAtMap {string} nullable
  ownerID string
  realSize int64
  size int64
  uuid string
  v2FirstCopyDisk string
  v2FirstCopyStatus string
  virtualSize int64
`,
};
