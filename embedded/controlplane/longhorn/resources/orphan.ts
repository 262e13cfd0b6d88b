import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const orphan: ResourceData = {
  kind: 'Orphan',
  plural: 'orphans',
  shortName: 'lho',
  columns: [
    {
      table: `
      Type | string | .spec.orphanType
      Node | string | .spec.nodeID
`,
    },
  ],
  fields: `
spec object
  dataEngine string enum=v1,v2 @1.9.0-rc2..
  nodeID string
  orphanType string
  parameters {string}
status object
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  ownerID string
`,
};
