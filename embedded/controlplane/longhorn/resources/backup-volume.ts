import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const backupVolume: ResourceData = {
  kind: 'BackupVolume',
  plural: 'backupvolumes',
  shortName: 'lhbv',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      BackupTarget | string | .spec.backupTargetName
      CreatedAt | string | .status.createdAt
      LastBackupName | string | .status.lastBackupName
      LastBackupAt | string | .status.lastBackupAt
      LastSyncedAt | string | .status.lastSyncedAt
`,
    },
  ],
  fields: `
spec object
  backupTargetName string nullable
  syncRequestedAt date-time nullable
  volumeName string
status object
  backingImageChecksum string
  backingImageName string
  createdAt string
  dataStored string
  labels {string} nullable
  lastBackupAt string
  lastBackupName string
  lastModificationTime date-time nullable
  lastSyncedAt date-time nullable
  messages {string} nullable
  ownerID string
  size string
  storageClassName string
`,
};
