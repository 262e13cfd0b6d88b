import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const backupTarget: ResourceData = {
  kind: 'BackupTarget',
  plural: 'backuptargets',
  shortName: 'lhbt',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      URL | string | .spec.backupTargetURL
      Credential | string | .spec.credentialSecret
      LastBackupAt | string | .spec.pollInterval
      Available | boolean | .status.available
      LastSyncedAt | string | .status.lastSyncedAt
`,
    },
  ],
  fields: `
spec object
  backupTargetURL string
  credentialSecret string
  pollInterval string
  syncRequestedAt date-time nullable
status object
  available boolean
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  lastSyncedAt date-time nullable
  ownerID string
`,
};
