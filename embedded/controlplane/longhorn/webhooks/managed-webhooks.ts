/** Kinds that longhorn-manager makes for itself; people only delete or look at them. */
import type { KubeObject } from '../../../apiserver/store.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import { ownerReference } from '../cluster/longhorn-cluster.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { engineImageName, instanceManagerImageName, labelKeys, managedByLonghorn } from '../cluster/names.ts';
import type { BackingImageDataSource, BackingImageManager } from '../model/backing-image.ts';
import type { InstanceManager, Orphan } from '../model/node.ts';
import { invalid } from './denial.ts';
import { addLabels, defaultEngine } from './webhook.ts';
import type { Webhook } from './webhook.ts';

function completeDataSource(_cluster: LonghornCluster, source: BackingImageDataSource): void {
  const spec = (source.spec ??= {} as BackingImageDataSource['spec']) as Partial<BackingImageDataSource['spec']>;
  if ((spec.sourceType ?? '') === '') spec.sourceType = 'download';
  spec.parameters ??= {};
}

/** Source: longhorn-manager:webhook/resources/backingimagedatasource/mutator.go@v1.8.0, v1.12.1. */
export const dataSourceWebhook: Webhook<BackingImageDataSource> = {
  mutateCreate: completeDataSource,
  mutateUpdate: completeDataSource,
};

function completeFileManager(_cluster: LonghornCluster, manager: BackingImageManager): void {
  const spec = (manager.spec ??= {} as BackingImageManager['spec']) as Partial<BackingImageManager['spec']>;
  spec.backingImages ??= {};
}

/** Source: longhorn-manager:webhook/resources/backingimagemanager/mutator.go@v1.8.0, v1.12.1. */
export const fileManagerWebhook: Webhook<BackingImageManager> = {
  mutateCreate: completeFileManager,
  mutateUpdate: completeFileManager,
};

/** Source: longhorn-manager:webhook/resources/instancemanager@v1.8.0, v1.12.1. */
export const instanceManagerWebhook: Webhook<InstanceManager> = {
  mutateCreate(cluster, manager) {
    const {
      nodeID = '',
      image = '',
      type = '',
      dataEngine = '',
    } = (manager.spec as Partial<InstanceManager['spec']> | undefined) ?? {};
    const node = cluster.nodes.get(nodeID);
    if (node === undefined)
      throw invalid(`failed to get node ${nodeID}: node.longhorn.io "${nodeID}" not found`, 'spec.nodeID', 'mutator');
    manager.metadata.labels = {
      ...managedByLonghorn,
      [labelKeys.component]: 'instance-manager',
      'longhorn.io/instance-manager-type': type,
      'longhorn.io/node': nodeID,
      ...(image === '' ? {} : { 'longhorn.io/instance-manager-image': instanceManagerImageName(image) }),
      ...(dataEngine === '' ? {} : { 'longhorn.io/data-engine': dataEngine }),
    };
    if ((manager.metadata.ownerReferences ?? []).length === 0)
      manager.metadata.ownerReferences = [ownerReference(node)];
    defaultEngine(manager, 'v1');
  },
  mutateUpdate(_cluster, manager) {
    defaultEngine(manager, 'v1');
  },
  validateCreate: checkInstanceManager,
  validateUpdate: checkInstanceManager,
};

function checkInstanceManager(_cluster: LonghornCluster, { metadata, spec }: InstanceManager): void {
  const refuse = (what: string): never => {
    throw invalid(`${what} for instanceManager ${metadata.name} is not set`);
  };
  if (metadata.labels === undefined) refuse('labels');
  if (metadata.ownerReferences === undefined) refuse('ownerReferences');
  if (((spec.type as string | undefined) ?? '') === '') refuse('type');
}

interface EngineImage extends KubeObject {
  spec: { image: string };
  status?: { refCount: number };
}

/** Source: longhorn-manager:webhook/resources/engineimage@v1.8.0, v1.10.0, v1.12.1. */
export const engineImageWebhook: Webhook<EngineImage> = {
  mutateCreate(_cluster, engineImage) {
    const spec = (engineImage.spec ??= { image: '' });
    spec.image = ((spec.image as string | undefined) ?? '').trim();
    const name = engineImageName(spec.image);
    engineImage.metadata.name = name;
    addLabels(engineImage, {
      ...managedByLonghorn,
      [labelKeys.component]: 'engine-image',
      'longhorn.io/engine-image': name,
    });
  },
  validateDelete({ profile, settings }, { metadata, spec, status }) {
    if (!isInVersionRange(profile.version, '1.10.0..')) return;
    const standard = settings.text('default-engine-image');
    if (
      spec.image === standard &&
      metadata.annotations?.['longhorn.io/delete-engine-image-from-longhorn'] === undefined
    ) {
      throw invalid(`deleting the default engine image ${standard} (${spec.image}) is not allowed`);
    }
    if ((status?.refCount ?? 0) !== 0) {
      throw invalid(`deleting engine image ${metadata.name} (${spec.image}) is not allowed while being used`);
    }
  },
};

const replicaParameters = ['DataName', 'DiskName', 'DiskUUID', 'DiskPath', 'DiskType'];
const instanceParameters = ['InstanceName', 'InstanceUUID', 'InstanceManager'];
const instanceLabels: Readonly<Record<string, string>> = {
  'engine-instance': 'longhornengine',
  'replica-instance': 'longhornreplica',
  'shard-instance': 'longhornshard',
  'shardgroup-instance': 'longhornshardgroup',
};

/** Source: longhorn-manager:webhook/resources/orphan@v1.8.0, v1.9.0, v1.12.1. */
export const orphanWebhook: Webhook<Orphan> = {
  mutateCreate(cluster, orphan) {
    const {
      orphanType = '',
      nodeID = '',
      parameters = {},
    } = (orphan.spec as Partial<Orphan['spec']> | undefined) ?? {};
    const instance = instanceLabels[orphanType];
    const isKnown = orphanType === 'replica' || (instance !== undefined && knowsInstances(cluster, orphanType));
    if (!isKnown) throw invalid('invalid orphan labels', '', 'mutator');
    addLabels(orphan, {
      ...managedByLonghorn,
      [labelKeys.component]: 'orphan',
      [labelKeys.node]: nodeID,
      'longhorn.io/orphan-type': orphanType,
    });
    if (instance === undefined) return;
    addLabels(orphan, {
      longhorninstancemanager: parameters['InstanceManager'] ?? '',
      [instance]: parameters['InstanceName'] ?? '',
    });
  },
  validateCreate: checkOrphan,
  validateUpdate(cluster, orphan, old) {
    if (!isInVersionRange(cluster.profile.version, '1.9.0-rc2..')) checkOrphan(cluster, orphan);
    else if (JSON.stringify(orphan.spec) !== JSON.stringify(old.spec))
      throw invalid(`orphan ${old.metadata.name} spec is immutable`);
  },
};

function knowsInstances({ profile }: LonghornCluster, orphanType: string): boolean {
  return isInVersionRange(profile.version, orphanType.startsWith('shard') ? '1.12.1..' : '1.9.0-rc2..');
}

function checkOrphan(_cluster: LonghornCluster, { metadata, spec }: Orphan): void {
  const { name } = metadata;
  const isReplica = spec.orphanType === 'replica';
  const parameters: Readonly<Record<string, string>> = spec.parameters ?? {};
  for (const parameter of isReplica ? replicaParameters : instanceParameters) {
    const value = parameters[parameter];
    const state = value === undefined ? 'missing' : !isReplica && value === '' ? 'empty' : undefined;
    if (state !== undefined)
      throw invalid(`failed to check orphan ${name} since parameter ${parameter} for orphan ${name} is ${state}`);
  }
  if (isReplica || ['v1', 'v2'].includes(spec.dataEngine ?? '')) return;
  throw invalid(
    `failed to check orphan ${name} since invalid data engine type ${spec.dataEngine ?? ''} for orphan ${name}`,
  );
}
