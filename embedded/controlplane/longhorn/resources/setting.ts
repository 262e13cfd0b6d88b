import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const setting: ResourceData = {
  kind: 'Setting',
  plural: 'settings',
  shortName: 'lhs',
  v1beta1Until: '1.8.2',
  required: ['value'],
  columns: [
    {
      table: `
      Value | string | .value
      Applied | boolean | .status.applied
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
value string
status object required=applied
  applied boolean
`,
};
