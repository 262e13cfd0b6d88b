import type { ResourceData } from './resource-data.ts';

/** Below an engine as below a replica. */
const instance = `    spec object
      backendStoreDriver string @..1.8.2
      dataEngine string
      name string
    status object
      activePath string @1.12.0..
      conditions {boolean} nullable
      endpoint string
      errorMsg string
      frontend string @1.12.0..
      listen string
      paths [] @1.12.0..
        anaState string @1.12.0..
        engineName string @1.12.0..
        nguid string @1.12.0..
        nqn string @1.12.0..
        targetIP string @1.12.0..
        targetPort integer @1.12.0..
      portEnd int32
      portStart int32
      preferredPath string @1.12.0..
      resourceVersion int64
      state string
      targetPortEnd int32
      targetPortStart int32
      type string
      ublkID int32 @1.9.0-rc2..
      uuid string @1.9.0..
`;

/** Below a shard as below a group of them. */
const shard = `    spec object @1.12.1..
      dataEngine string @1.12.1..
      name string @1.12.1..
    status object @1.12.1..
      activePath string @1.12.1..
      conditions {boolean} nullable @1.12.1..
      endpoint string @1.12.1..
      errorMsg string @1.12.1..
      frontend string @1.12.1..
      listen string @1.12.1..
      paths [] @1.12.1..
        anaState string @1.12.1..
        engineName string @1.12.1..
        nguid string @1.12.1..
        nqn string @1.12.1..
        targetIP string @1.12.1..
        targetPort integer @1.12.1..
      portEnd int32 @1.12.1..
      portStart int32 @1.12.1..
      preferredPath string @1.12.1..
      resourceVersion int64 @1.12.1..
      state string @1.12.1..
      targetPortEnd int32 @1.12.1..
      targetPortStart int32 @1.12.1..
      type string @1.12.1..
      ublkID int32 @1.12.1..
      uuid string @1.12.1..
`;

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const instanceManager: ResourceData = {
  kind: 'InstanceManager',
  plural: 'instancemanagers',
  shortName: 'lhim',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      Data Engine | string | .spec.dataEngine
      State | string | .status.currentState
      Type | string | .spec.type
      Node | string | .spec.nodeID
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  dataEngine string
  dataEngineSpec object
    v2 object
      cpuIsolationEnabled string enum=,true,false @1.12.1..
      cpuMask string
  image string
  nodeID string
  type string enum=aio,engine,replica
status object
  apiMinVersion integer
  apiVersion integer
  backingImages {} nullable
    currentChecksum string
    diskUUID string
    message string
    name string
    progress integer
    size int64
    state string
    uuid string
  conditions [] nullable @1.11.0..
    lastProbeTime string @1.11.0..
    lastTransitionTime string @1.11.0..
    message string @1.11.0..
    reason string @1.11.0..
    status string @1.11.0..
    type string @1.11.0..
  currentState string
  dataEngineStatus object
    v2 object
      cpuCoreNumber int64 @1.12.1..
      cpuMask string
      interruptModeEnabled string enum=,true,false @1.10.0..
  instanceEngineFrontends {} nullable @1.12.0..
    spec object @1.12.0..
      dataEngine string @1.12.0..
      name string @1.12.0..
    status object @1.12.0..
      activePath string @1.12.0..
      conditions {boolean} nullable @1.12.0..
      endpoint string @1.12.0..
      errorMsg string @1.12.0..
      frontend string @1.12.0..
      listen string @1.12.0..
      paths [] @1.12.0..
        anaState string @1.12.0..
        engineName string @1.12.0..
        nguid string @1.12.0..
        nqn string @1.12.0..
        targetIP string @1.12.0..
        targetPort integer @1.12.0..
      portEnd int32 @1.12.0..
      portStart int32 @1.12.0..
      preferredPath string @1.12.0..
      resourceVersion int64 @1.12.0..
      state string @1.12.0..
      targetPortEnd int32 @1.12.0..
      targetPortStart int32 @1.12.0..
      type string @1.12.0..
      ublkID int32 @1.12.0..
      uuid string @1.12.0..
  instanceEngines {} nullable
${instance}  instanceReplicas {} nullable
${instance}  instanceShardGroups {} nullable @1.12.1..
${shard}  instanceShards {} nullable @1.12.1..
${shard}  instances {} nullable @..1.10.2
    spec object @..1.10.2
      backendStoreDriver string @..1.8.2
      dataEngine string @..1.10.2
      name string @..1.10.2
    status object @..1.10.2
      conditions {boolean} nullable @..1.10.2
      endpoint string @..1.10.2
      errorMsg string @..1.10.2
      listen string @..1.10.2
      portEnd int32 @..1.10.2
      portStart int32 @..1.10.2
      resourceVersion int64 @..1.10.2
      state string @..1.10.2
      targetPortEnd int32 @..1.10.2
      targetPortStart int32 @..1.10.2
      type string @..1.10.2
      ublkID int32 @1.9.0-rc2..1.10.2
      uuid string @1.9.0..1.10.2
  ip string
  ownerID string
  proxyApiMinVersion integer
  proxyApiVersion integer
`,
};
