import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const backupBackingImage: ResourceData = {
  kind: 'BackupBackingImage',
  plural: 'backupbackingimages',
  shortName: 'lhbbi',
  columns: [
    {
      table: `
      BackingImage | string | .status.backingImage
      Size | string | .status.size
      BackupCreatedAt | string | .status.backupCreatedAt
      State | string | .status.state
      LastSyncedAt | string | .status.lastSyncedAt
`,
    },
  ],
  fields: `
spec object required=backingImage,userCreated
  backingImage string
  backupTargetName string nullable
  labels {string}
  syncRequestedAt date-time nullable
  userCreated boolean
status object
  backingImage string
  backupCreatedAt string
  checksum string
  compressionMethod string
  error string
  labels {string} nullable
  lastSyncedAt date-time nullable
  managerAddress string
  messages {string} nullable
  ownerID string
  progress integer
  secret string
  secretNamespace string
  size int64
  state string
  url string
`,
};
