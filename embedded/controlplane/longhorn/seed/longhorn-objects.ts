import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import {
  engineImageName,
  instanceManagerImageName,
  instanceManagerName,
  labelKeys,
  longhornNamespace,
  managedByLonghorn,
} from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import type { Condition } from '../model/condition.ts';
import type { DataEngine } from '../model/instance.ts';
import type { DiskSpec, InstanceManager, Node, Setting } from '../model/node.ts';
import { newDiskStatus } from '../node/disk-status.ts';
import { longhornApiVersion } from '../resources/custom-resources.ts';
import { ensurePod } from '../workloads/pod.ts';

export interface SeedNode {
  readonly name: string;
  readonly ip: string;
  readonly disks: readonly { readonly name: string; readonly kind: 'block' | 'filesystem'; readonly sizeBytes: number }[];
}

/** Every setting of the release at its default, or at what the caller asked for. */
export function seedSettings(cluster: LonghornCluster, values: Readonly<Record<string, string>>): void {
  for (const definition of cluster.settings.definitions.values()) {
    const wanted = values[definition.name];
    const plainForEngines = definition.perEngine && wanted !== undefined && !wanted.trimStart().startsWith('{');
    const value = plainForEngines
      ? JSON.stringify(Object.fromEntries(definition.engines.map((engine) => [engine, wanted])))
      : (wanted ?? definition.defaultValue);
    cluster.settingObjects.create({ metadata: { name: definition.name }, value });
    markApplied(cluster, definition.name);
  }
}

function markApplied(cluster: LonghornCluster, name: string): void {
  cluster.settingObjects.changeStatus(name, (draft: Setting) => {
    draft.status = { applied: true };
  });
}

/** nodes.longhorn.io with their disks; each block disk becomes an lvstore whose UUID is the disk's. */
export async function seedNode(cluster: LonghornCluster, seed: SeedNode): Promise<void> {
  const spdk = cluster.dataPlane.addNode(seed.name, seed.ip);
  const disks: Record<string, DiskSpec> = {};
  const statuses: NonNullable<Node['status']>['diskStatus'] = {};
  const letters = [...'bcdefghijklmnopqrstuvwxyz'];
  for (const disk of seed.disks) {
    const path = disk.kind === 'block' ? `/dev/sd${letters.shift() ?? 'z'}` : '/var/lib/longhorn/';
    const spec: DiskSpec = {
      diskType: disk.kind,
      path,
      diskDriver: disk.kind === 'block' ? 'auto' : '',
      allowScheduling: true,
      evictionRequested: false,
      storageReserved: 0,
      tags: [],
    };
    disks[disk.name] = spec;
    const options = { key: disk.name, spec };
    if (disk.kind === 'filesystem') {
      const sizes = { totalBytes: disk.sizeBytes, freeBytes: disk.sizeBytes };
      const diskUuid = cluster.names.uuid();
      statuses[disk.name] = newDiskStatus(cluster, seed.name, { ...options, ...sizes, diskUuid, diskName: disk.name });
      continue;
    }
    const info = await spdk.diskCreate({ diskName: disk.name, path, sizeBytes: disk.sizeBytes, blockBytes: 512 });
    statuses[disk.name] = newDiskStatus(cluster, seed.name, {
      ...options,
      diskUuid: info.lvstoreUuid,
      diskName: info.diskName,
      totalBytes: info.totalBytes,
      freeBytes: info.freeBytes,
    });
  }
  cluster.nodes.create({
    metadata: { name: seed.name },
    spec: {
      name: seed.name,
      disks,
      allowScheduling: true,
      evictionRequested: false,
      tags: [],
      instanceManagerCPURequest: 0,
    },
  });
  cluster.nodes.changeStatus(seed.name, (draft) => {
    draft.status = {
      conditions: nodeConditions(seed.name, cluster.clock.timestamp()),
      diskStatus: statuses,
      region: '',
      zone: '',
      autoEvicting: false,
      snapshotCheckStatus: {},
    };
  });
}

function nodeConditions(name: string, now: string): Condition[] {
  let conditions: Condition[] = [];
  const types = ['Schedulable', 'RequiredPackages', 'Multipathd', 'NFSClientInstalled', 'KernelModulesLoaded', 'MountPropagation'];
  conditions = withCondition(conditions, { type: 'Ready', status: 'True', message: `Node ${name} is ready`, now });
  for (const type of types) conditions = withCondition(conditions, { type, status: 'True', now });
  return conditions;
}

/** The instance manager of one engine on one node, with its pod. */
export function seedInstanceManager(cluster: LonghornCluster, node: SeedNode, dataEngine: DataEngine): void {
  const image = cluster.profile.images.instanceManager;
  const name = instanceManagerName(image, node.name, dataEngine);
  const owner = cluster.nodes.get(node.name);
  const labels = {
    [labelKeys.component]: 'instance-manager',
    ...managedByLonghorn,
    'longhorn.io/instance-manager-type': 'aio',
    'longhorn.io/node': node.name,
    'longhorn.io/instance-manager-image': instanceManagerImageName(image),
    'longhorn.io/data-engine': dataEngine,
  };
  const mask = dataEngine === 'v2' ? cpuMask(cluster) : '';
  const manager = cluster.instanceManagers.create({
    metadata: {
      name,
      labels,
      ownerReferences: [
        {
          apiVersion: longhornApiVersion,
          kind: 'Node',
          name: node.name,
          uid: owner?.metadata.uid ?? '',
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { image, nodeID: node.name, type: 'aio', dataEngine, dataEngineSpec: { v2: { cpuMask: mask } } },
  });
  const now = cluster.clock.timestamp();
  let conditions = withCondition([], { type: 'PodReady', status: 'True', reason: 'Running', now });
  conditions = withCondition(conditions, { type: 'NodeReady', status: 'True', now });
  conditions = withCondition(conditions, { type: 'SettingSynced', status: 'True', now });
  cluster.instanceManagers.changeStatus(name, (draft) => {
    draft.status = {
      ownerID: node.name,
      currentState: 'running',
      conditions,
      instanceEngines: {},
      instanceReplicas: {},
      backingImages: dataEngine === 'v2' ? {} : null,
      ip: node.ip,
      apiMinVersion: 1,
      apiVersion: 5,
      proxyApiMinVersion: 1,
      proxyApiVersion: 5,
      dataEngineStatus: { v2: { cpuMask: mask, interruptModeEnabled: '' } },
    } satisfies NonNullable<InstanceManager['status']>;
  });
  ensurePod(cluster, {
    name,
    labels,
    container: 'instance-manager',
    image,
    nodeName: node.name,
    owner: {
      apiVersion: longhornApiVersion,
      kind: 'InstanceManager',
      name,
      uid: manager.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
    args: ['instance-manager', '--debug', 'daemon', '--listen', '0.0.0.0:8500'],
    privileged: true,
  });
}

function cpuMask(cluster: LonghornCluster): string {
  const plain = 'v2-data-engine-cpu-mask';
  return cluster.settings.text(cluster.settings.definitions.has(plain) ? plain : 'data-engine-cpu-mask', 'v2');
}

export function seedEngineImage(cluster: LonghornCluster, nodes: readonly SeedNode[]): void {
  const image = cluster.profile.images.engine;
  const name = engineImageName(image);
  const resource = 'engineimages.longhorn.io';
  cluster.store.create(resource, {
    apiVersion: longhornApiVersion,
    kind: 'EngineImage',
    metadata: {
      name,
      namespace: longhornNamespace,
      labels: { [labelKeys.component]: 'engine-image', 'longhorn.io/engine-image': name, ...managedByLonghorn },
    },
    spec: { image },
  });
  const now = cluster.clock.timestamp();
  const message = `Engine image ${name} (${image}) is fully deployed on all ready nodes`;
  cluster.store.mutate(
    { resource, namespace: longhornNamespace, name },
    (draft) => {
      draft.status = {
        ownerID: nodes[0]?.name ?? '',
        state: 'deployed',
        conditions: withCondition([], { type: 'ready', status: 'True', message, now }),
        nodeDeploymentMap: Object.fromEntries(nodes.map((node) => [node.name, true])),
        refCount: 0,
        noRefSince: now,
        incompatible: false,
        version: `v${cluster.profile.version}`,
        gitCommit: '',
        buildDate: '',
        cliAPIVersion: 11,
        cliAPIMinVersion: 3,
        controllerAPIVersion: 5,
        controllerAPIMinVersion: 3,
        dataFormatVersion: 1,
        dataFormatMinVersion: 1,
      };
    },
    { subresource: 'status' },
  );
}
