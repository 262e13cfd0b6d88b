import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const engineFrontend: ResourceData = {
  kind: 'EngineFrontend',
  plural: 'enginefrontends',
  shortName: 'lhef',
  since: '1.12.0',
  columns: [
    {
      table: `
      Data Engine | string | .spec.dataEngine
      State | string | .status.currentState
      Node | string | .spec.nodeID
      InstanceManager | string | .status.instanceManagerName
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  active boolean
  dataEngine string enum=v1,v2
  desireState string
  disableFrontend boolean
  engineName string
  frontend string enum=blockdev,iscsi,nvmf,ublk,
  image string
  logRequested boolean
  nodeID string
  salvageRequested boolean
  size int64-string
  targetIP string
  targetPort integer
  ublkNumberOfQueue integer
  ublkQueueDepth integer
  volumeName string
  volumeSize int64-string
status object
  activePath string
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  currentImage string
  currentSize int64-string
  currentState string
  endpoint string
  instanceManagerName string
  ip string
  logFetched boolean
  ownerID string
  paths []
    anaState string
    engineName string
    nguid string
    nqn string
    targetIP string
    targetPort integer
  port integer
  preferredPath string
  salvageExecuted boolean
  started boolean
  starting boolean
  storageIP string
  switchoverPhase string
  targetIP string
  targetPort integer
  ublkID int32
  uuid string
`,
};
