import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const shareManager: ResourceData = {
  kind: 'ShareManager',
  plural: 'sharemanagers',
  shortName: 'lhsm',
  v1beta1Until: '1.8.2',
  columns: [
    {
      versions: '..1.11.3',
      table: `
      State | string | .status.state
      Node | string | .status.ownerID
      Age | date | .metadata.creationTimestamp
`,
    },
    {
      versions: '1.12.0..',
      table: `
      State | string | .status.state
      Node | string | .status.ownerID
      Image | string | .status.currentImage
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  image string
status object
  currentImage string @1.12.0..
  endpoint string
  ownerID string
  state string
`,
};
