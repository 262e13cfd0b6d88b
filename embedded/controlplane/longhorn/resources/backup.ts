import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const backup: ResourceData = {
  kind: 'Backup',
  plural: 'backups',
  shortName: 'lhb',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      SnapshotName | string | .status.snapshotName
      SnapshotSize | string | .status.size
      SnapshotCreatedAt | string | .status.snapshotCreatedAt
      BackupTarget | string | .status.backupTargetName
      State | string | .status.state
      LastSyncedAt | string | .status.lastSyncedAt
`,
    },
  ],
  fields: `
spec object
  backupBlockSize int64-string enum=-1,2097152,16777216 @1.10.0..
  backupMode string enum=full,incremental, @..1.10.2
  backupMode string enum=full,incremental @1.11.0..
  labels {string}
  snapshotName string
  syncRequestedAt date-time nullable
status object
  backupCreatedAt string
  backupTargetName string
  compressionMethod string
  error string
  labels {string} nullable
  lastSyncedAt date-time nullable
  messages {string} nullable
  newlyUploadDataSize string
  ownerID string
  progress integer
  reUploadedDataSize string
  replicaAddress string
  size string
  snapshotCreatedAt string
  snapshotName string
  state string
  url string
  volumeBackingImageName string
  volumeCreated string
  volumeName string
  volumeSize string
`,
};
