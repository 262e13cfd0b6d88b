import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const node: ResourceData = {
  kind: 'Node',
  plural: 'nodes',
  shortName: 'lhn',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      Ready | string | .status.conditions[?(@.type=='Ready')].status
      AllowScheduling | boolean | .spec.allowScheduling
      Schedulable | string | .status.conditions[?(@.type=='Schedulable')].status
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  allowScheduling boolean
  disks {}
    allowScheduling boolean
    diskDriver string enum=,auto,aio @..1.9.2
    diskDriver string enum=,auto,aio,nvme @1.10.0..
    diskType string enum=filesystem,block
    evictionRequested boolean
    path string
    storageReserved int64
    tags [string]
  evictionRequested boolean
  instanceManagerCPURequest integer
  name string
  tags [string]
status object
  autoEvicting boolean
  conditions [] nullable
    lastProbeTime string
    lastTransitionTime string
    message string
    reason string
    status string
    type string
  cpuPolicy string @1.12.1..
  diskStatus {} nullable
    conditions [] nullable
      lastProbeTime string
      lastTransitionTime string
      message string
      reason string
      status string
      type string
    diskDriver string
    diskName string
    diskPath string
    diskType string
    diskUUID string
    filesystemType string
    healthData {} @1.11.0..
      attributes [] @1.11.0..
        id integer @1.11.0..
        name string @1.11.0..
        rawString string @1.11.0..
        rawValue int64 @1.11.0..
        threshold integer @1.11.0..
        value integer @1.11.0..
        whenFailed string @1.11.0..
        worst integer @1.11.0..
      capacity int64 @1.11.0..
      diskName string @1.11.0..
      diskType string @1.11.0..
      firmwareVersion string @1.11.0..
      healthStatus string enum=FAILED,PASSED,UNKNOWN,WARNING @1.11.0..
      modelName string @1.11.0..
      serialNumber string @1.11.0..
      source string enum=SMART,SPDK @1.11.0..
      temperature integer @1.11.0..
    healthDataLastCollectedAt date-time @1.11.0..
    instanceManagerName string
    scheduledBackingImage {int64} nullable
    scheduledReplica {int64} nullable
    storageAvailable int64
    storageMaximum int64
    storageScheduled int64
  region string
  snapshotCheckStatus object
    lastPeriodicCheckedAt date-time
  zone string
`,
};
