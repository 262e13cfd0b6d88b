import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const supportBundle: ResourceData = {
  kind: 'SupportBundle',
  plural: 'supportbundles',
  shortName: 'lhbundle',
  columns: [
    {
      table: `
      State | string | .status.state
      Issue | string | .spec.issueURL
      Description | string | .spec.description
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object required=description
  description string
  issueURL string nullable
  nodeID string
status object
  conditions []
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  filename string
  filesize int64
  image string
  managerIP string
  ownerID string
  progress integer
  state string
`,
};
