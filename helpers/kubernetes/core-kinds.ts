/** The Kubernetes kinds that the suite uses, reduced to the fields it reads. */
import { z } from 'zod';
import { defineKind, objectMetaSchema } from './resource.ts';

const core = { group: '', version: 'v1' } as const;

const containerStatusSchema = z.looseObject({
  name: z.string(),
  ready: z.boolean(),
  restartCount: z.number().optional(),
  image: z.string().optional(),
  state: z
    .looseObject({
      waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      running: z.looseObject({}).optional(),
      terminated: z
        .looseObject({ exitCode: z.number(), reason: z.string().optional(), message: z.string().optional() })
        .optional(),
    })
    .optional(),
});

export const pods = defineKind(
  { ...core, kind: 'Pod', plural: 'pods', scope: 'namespaced' },
  z.looseObject({
    metadata: objectMetaSchema,
    spec: z.looseObject({
      nodeName: z.string().optional(),
      containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional() })),
    }),
    status: z
      .looseObject({
        phase: z.string().optional(),
        podIP: z.string().optional(),
        reason: z.string().optional(),
        message: z.string().optional(),
        conditions: z
          .array(
            z.looseObject({
              type: z.string(),
              status: z.string(),
              reason: z.string().optional(),
              message: z.string().optional(),
            }),
          )
          .optional(),
        containerStatuses: z.array(containerStatusSchema).optional(),
      })
      .optional(),
  }),
);

export const namespaces = defineKind(
  { ...core, kind: 'Namespace', plural: 'namespaces', scope: 'cluster' },
  z.looseObject({ metadata: objectMetaSchema, status: z.looseObject({ phase: z.string().optional() }).optional() }),
);

export const serviceAccounts = defineKind(
  { ...core, kind: 'ServiceAccount', plural: 'serviceaccounts', scope: 'namespaced' },
  z.looseObject({ metadata: objectMetaSchema }),
);

export const configMaps = defineKind(
  { ...core, kind: 'ConfigMap', plural: 'configmaps', scope: 'namespaced' },
  z.looseObject({ metadata: objectMetaSchema, data: z.record(z.string(), z.string()).optional() }),
);

export const services = defineKind(
  { ...core, kind: 'Service', plural: 'services', scope: 'namespaced' },
  z.looseObject({ metadata: objectMetaSchema, spec: z.looseObject({ clusterIP: z.string().optional() }).optional() }),
);

export const nodes = defineKind(
  { ...core, kind: 'Node', plural: 'nodes', scope: 'cluster' },
  z.looseObject({
    metadata: objectMetaSchema,
    spec: z.looseObject({ unschedulable: z.boolean().optional() }).optional(),
    status: z
      .looseObject({
        /** Quantities, e.g. `hugepages-2Mi: 2Gi`. */
        allocatable: z.record(z.string(), z.string()).optional(),
        conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional(),
        nodeInfo: z.looseObject({ kernelVersion: z.string().optional() }).optional(),
      })
      .optional(),
  }),
);

export const persistentVolumeClaims = defineKind(
  { ...core, kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', scope: 'namespaced' },
  z.looseObject({
    metadata: objectMetaSchema,
    spec: z.looseObject({ volumeName: z.string().optional(), storageClassName: z.string().optional() }),
    status: z.looseObject({ phase: z.string().optional() }).optional(),
  }),
);

export const persistentVolumes = defineKind(
  { ...core, kind: 'PersistentVolume', plural: 'persistentvolumes', scope: 'cluster' },
  z.looseObject({
    metadata: objectMetaSchema,
    spec: z.looseObject({
      claimRef: z.looseObject({ name: z.string().optional(), uid: z.string().optional() }).optional(),
      csi: z.looseObject({ driver: z.string(), volumeHandle: z.string() }).optional(),
    }),
    status: z.looseObject({ phase: z.string().optional() }).optional(),
  }),
);

export const events = defineKind(
  { ...core, kind: 'Event', plural: 'events', scope: 'namespaced' },
  z.looseObject({
    metadata: objectMetaSchema,
    involvedObject: z.looseObject({ kind: z.string().optional(), name: z.string().optional() }),
    reason: z.string().nullish(),
    message: z.string().nullish(),
    type: z.string().nullish(),
    count: z.number().nullish(),
  }),
);

export const storageClasses = defineKind(
  { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', plural: 'storageclasses', scope: 'cluster' },
  z.looseObject({
    metadata: objectMetaSchema,
    provisioner: z.string(),
    parameters: z.record(z.string(), z.string()).optional(),
  }),
);

const podTemplateSchema = z.looseObject({
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional() })) }),
});

export const daemonSets = defineKind(
  { group: 'apps', version: 'v1', kind: 'DaemonSet', plural: 'daemonsets', scope: 'namespaced' },
  z.looseObject({
    metadata: objectMetaSchema,
    spec: z.looseObject({ template: podTemplateSchema }),
    status: z
      .looseObject({ desiredNumberScheduled: z.number().optional(), numberReady: z.number().optional() })
      .optional(),
  }),
);

export const csiDrivers = defineKind(
  { group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', plural: 'csidrivers', scope: 'cluster' },
  z.looseObject({ metadata: objectMetaSchema }),
);

export const csiNodes = defineKind(
  { group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', plural: 'csinodes', scope: 'cluster' },
  z.looseObject({
    metadata: objectMetaSchema,
    spec: z.looseObject({ drivers: z.array(z.looseObject({ name: z.string() })).nullish() }),
  }),
);

export const leases = defineKind(
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', scope: 'namespaced' },
  z.looseObject({
    metadata: objectMetaSchema,
    spec: z
      .looseObject({
        holderIdentity: z.string().nullish(),
        leaseDurationSeconds: z.number().nullish(),
        acquireTime: z.string().nullish(),
        renewTime: z.string().nullish(),
      })
      .optional(),
  }),
);

export type Lease = ReturnType<typeof leases.parse>;
export type Pod = ReturnType<typeof pods.parse>;
export type ConfigMap = ReturnType<typeof configMaps.parse>;
export type KubernetesNode = ReturnType<typeof nodes.parse>;
export type PersistentVolumeClaim = ReturnType<typeof persistentVolumeClaims.parse>;
export type PersistentVolume = ReturnType<typeof persistentVolumes.parse>;
export type KubernetesEvent = ReturnType<typeof events.parse>;
