import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const systemRestore: ResourceData = {
  kind: 'SystemRestore',
  plural: 'systemrestores',
  shortName: 'lhsr',
  columns: [
    {
      table: `
      State | string | .status.state
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object required=systemBackup
  systemBackup string
status object
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  ownerID string
  sourceURL string
  state string
`,
};
