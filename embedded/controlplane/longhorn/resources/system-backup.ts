import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const systemBackup: ResourceData = {
  kind: 'SystemBackup',
  plural: 'systembackups',
  shortName: 'lhsb',
  columns: [
    {
      table: `
      Version | string | .status.version
      State | string | .status.state
      Created | string | .status.createdAt
      LastSyncedAt | string | .status.lastSyncedAt
`,
    },
  ],
  fields: `
spec object
  volumeBackupPolicy string nullable
status object
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  createdAt date-time
  gitCommit string nullable
  lastSyncedAt date-time nullable
  managerImage string
  ownerID string
  state string
  version string nullable
`,
};
