import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const engineImage: ResourceData = {
  kind: 'EngineImage',
  plural: 'engineimages',
  shortName: 'lhei',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      Incompatible | boolean | .status.incompatible
      State | string | .status.state
      Image | string | .spec.image
      RefCount | integer | .status.refCount
      BuildDate | date | .status.buildDate
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object required=image
  image string minLength=1
status object
  buildDate string
  cliAPIMinVersion integer
  cliAPIVersion integer
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  controllerAPIMinVersion integer
  controllerAPIVersion integer
  dataFormatMinVersion integer
  dataFormatVersion integer
  gitCommit string
  incompatible boolean
  noRefSince string
  nodeDeploymentMap {boolean} nullable
  ownerID string
  refCount integer
  state string
  version string
`,
};
