import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const volumeAttachment: ResourceData = {
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  shortName: 'lhva',
  columns: [
    {
      table: `
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object required=volume
  attachmentTickets {}
    generation int64
    id string
    nodeID string
    parameters {string}
    type string
  volume string
status object
  attachmentTicketStatuses {} required=conditions,satisfied
    conditions [] nullable
      lastProbeTime string
      lastTransitionTime string
      message string
      reason string
      status string
      type string
    generation int64
    id string
    satisfied boolean
`,
};
