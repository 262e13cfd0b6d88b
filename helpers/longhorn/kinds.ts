/**
 * Longhorn's custom resources, reduced to the fields that are read. Objects have no status right after creation, and
 * maps are null until their controller first ran. longhorn-manager:k8s/pkg/apis/longhorn/v1beta2@v1.11.3
 */
import { z } from 'zod';
import { defineKind, objectMetaSchema, type KubeObject, type ResourceKind } from '../kubernetes/resource.ts';

const conditions = z
  .array(
    z.looseObject({
      type: z.string(),
      status: z.string(),
      reason: z.string().optional(),
      message: z.string().optional(),
    }),
  )
  .nullish();
const text = z.string().optional();
const mapOf = <S extends z.ZodType>(schema: S) => z.record(z.string(), schema).nullish();

const volumeSchema = z.looseObject({
  metadata: objectMetaSchema,
  spec: z.looseObject({
    /** Bytes, as text. */
    size: z.string(),
    numberOfReplicas: z.number(),
    dataEngine: text,
    backingImage: text,
    frontend: text,
    nodeID: text,
  }),
  status: z
    .looseObject({
      state: text,
      robustness: text,
      currentNodeID: text,
      /** From 1.12.0 on; empty, but there, while detached. */
      currentEngineNodeID: text,
      lastDegradedAt: text,
      actualSize: z.number().optional(),
      frontendDisabled: z.boolean().optional(),
      cloneStatus: z.looseObject({ snapshot: text, state: text }).optional(),
      expansionRequired: z.boolean().optional(),
      conditions,
    })
    .optional(),
});

const replicaSchema = z.looseObject({
  metadata: objectMetaSchema,
  spec: z.looseObject({
    volumeName: text,
    nodeID: text,
    /** UUID of the disk, which for a block disk is its lvstore's. */
    diskID: text,
    dataEngine: text,
    healthyAt: text,
    failedAt: text,
    rebuildRetryCount: z.number().optional(),
    backingImage: text,
    /** Of a linked clone's replica: the source's replica on the same disk. */
    linkedCloneSrcReplicaName: text,
  }),
  status: z.looseObject({ currentState: text, instanceManagerName: text, conditions }).optional(),
});

const engineSchema = z.looseObject({
  metadata: objectMetaSchema,
  spec: z.looseObject({
    volumeName: text,
    nodeID: text,
    dataEngine: text,
    active: z.boolean().optional(),
    replicaAddressMap: mapOf(z.string()),
  }),
  status: z
    .looseObject({
      currentState: text,
      /** Of V2 the instance manager's. */
      currentImage: text,
      endpoint: text,
      /** Bytes, as text. */
      currentSize: text,
      isExpanding: z.boolean().optional(),
      lastExpansionError: text,
      /** Null until the engine's monitor ran. May hold keys `UNKNOWN-tcp://…`. */
      replicaModeMap: mapOf(z.string()),
      rebuildStatus: mapOf(
        z.looseObject({
          state: text,
          progress: z.number().optional(),
          isRebuilding: z.boolean().optional(),
          error: text,
        }),
      ),
      /** By address; `isPurging` while a snapshot purge runs. */
      purgeStatus: mapOf(z.looseObject({ isPurging: z.boolean().optional() })),
      snapshots: mapOf(
        z.looseObject({ name: text, parent: text, children: mapOf(z.boolean()), usercreated: z.boolean().optional() }),
      ),
    })
    .optional(),
});

const backingImageSchema = z.looseObject({
  metadata: objectMetaSchema,
  spec: z.looseObject({
    dataEngine: text,
    minNumberOfCopies: z.number().optional(),
    diskFileSpecMap: mapOf(z.looseObject({ dataEngine: text })),
  }),
  status: z
    .looseObject({
      uuid: text,
      checksum: text,
      size: z.number().optional(),
      virtualSize: z.number().optional(),
      diskFileStatusMap: mapOf(
        z.looseObject({ dataEngine: text, state: text, progress: z.number().optional(), message: text }),
      ),
      v2FirstCopyDisk: text,
      v2FirstCopyStatus: text,
    })
    .optional(),
});

const nodeSchema = z.looseObject({
  metadata: objectMetaSchema,
  spec: z.looseObject({
    allowScheduling: z.boolean().optional(),
    disks: mapOf(z.looseObject({ diskType: text, allowScheduling: z.boolean().optional() })),
  }),
  status: z
    .looseObject({
      conditions,
      diskStatus: mapOf(
        z.looseObject({
          diskUUID: text,
          diskName: text,
          diskType: text,
          conditions,
          storageAvailable: z.number().optional(),
        }),
      ),
    })
    .optional(),
});

const instanceManagerSchema = z.looseObject({
  metadata: objectMetaSchema,
  spec: z.looseObject({ image: text, nodeID: text, dataEngine: text }),
  status: z
    .looseObject({
      currentState: text,
      instanceEngines: mapOf(z.looseObject({})),
      instanceReplicas: mapOf(z.looseObject({})),
    })
    .optional(),
});

const settingSchema = z.looseObject({
  metadata: objectMetaSchema,
  value: z.string(),
  status: z.looseObject({ applied: z.boolean().optional() }).optional(),
});

const snapshotSchema = z.looseObject({
  metadata: objectMetaSchema,
  spec: z.looseObject({ volume: text }),
  status: z
    .looseObject({
      readyToUse: z.boolean().optional(),
      parent: text,
      children: mapOf(z.boolean()),
      userCreated: z.boolean().optional(),
      /** Bytes. */
      size: z.number().optional(),
      checksum: z.string().optional(),
      creationTime: text,
      error: text,
    })
    .optional(),
});

/** longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/supportbundle.go@v1.8.0..v1.11.3 */
const supportBundleSchema = z.looseObject({
  metadata: objectMetaSchema,
  status: z
    .looseObject({
      ownerID: text,
      state: text,
      progress: z.number().optional(),
      filesize: z.number().optional(),
      conditions,
    })
    .optional(),
});

const otherSchema = z.looseObject({ metadata: objectMetaSchema });

function longhorn<S extends z.ZodType<KubeObject>>(kind: string, plural: string, schema: S): ResourceKind<z.output<S>> {
  return defineKind({ group: 'longhorn.io', version: 'v1beta2', kind, plural, scope: 'namespaced' }, schema);
}

export const volumes = longhorn('Volume', 'volumes', volumeSchema);
export const replicas = longhorn('Replica', 'replicas', replicaSchema);
export const engines = longhorn('Engine', 'engines', engineSchema);
export const backingImages = longhorn('BackingImage', 'backingimages', backingImageSchema);
export const longhornNodes = longhorn('Node', 'nodes', nodeSchema);
export const instanceManagers = longhorn('InstanceManager', 'instancemanagers', instanceManagerSchema);
export const settings = longhorn('Setting', 'settings', settingSchema);
export const snapshots = longhorn('Snapshot', 'snapshots', snapshotSchema);
/** Read only to be kept as evidence. */
export const backingImageDataSources = longhorn('BackingImageDataSource', 'backingimagedatasources', otherSchema);
export const backingImageManagers = longhorn('BackingImageManager', 'backingimagemanagers', otherSchema);
export const volumeAttachments = longhorn('VolumeAttachment', 'volumeattachments', otherSchema);
export const orphans = longhorn('Orphan', 'orphans', otherSchema);

export const supportBundles = longhorn('SupportBundle', 'supportbundles', supportBundleSchema);

export type SupportBundle = z.output<typeof supportBundleSchema>;
export type Volume = z.output<typeof volumeSchema>;
export type Replica = z.output<typeof replicaSchema>;
export type Engine = z.output<typeof engineSchema>;
export type BackingImage = z.output<typeof backingImageSchema>;
export type LonghornNode = z.output<typeof nodeSchema>;
export type InstanceManager = z.output<typeof instanceManagerSchema>;
export type Snapshot = z.output<typeof snapshotSchema>;
