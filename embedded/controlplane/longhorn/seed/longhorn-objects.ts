import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornNamespace } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import type { Condition } from '../model/condition.ts';
import type { DiskSpec, Node, Setting } from '../model/node.ts';
import { newDiskStatus } from '../node/disk-status.ts';

export interface SeedNode {
  readonly name: string;
  readonly ip: string;
  readonly disks: readonly {
    readonly name: string;
    readonly kind: 'block' | 'filesystem';
    readonly sizeBytes: number;
  }[];
}

/** Every setting of the release at its default, or at what the caller asked for. */
export function seedSettings(cluster: LonghornCluster, values: Readonly<Record<string, string>>): void {
  const ref = { resource: 'configmaps', namespace: longhornNamespace, name: 'longhorn-default-setting' };
  const defaults = cluster.store.get(ref)?.metadata.resourceVersion ?? '';
  for (const definition of cluster.settings.definitions.values()) {
    const wanted = values[definition.name];
    const plainForEngines = definition.perEngine && wanted !== undefined && !wanted.trimStart().startsWith('{');
    const value = plainForEngines
      ? JSON.stringify(Object.fromEntries(definition.engines.map((engine) => [engine, wanted])))
      : (wanted ?? definition.defaultValue);
    const annotations = annotationsOf(definition.name, defaults);
    cluster.settingObjects.create({ metadata: { name: definition.name, ...annotations }, value });
    if (!neverApplied.has(definition.name)) markApplied(cluster, definition.name);
  }
}

/** Settings that a real 1.12.1 leaves without a status until somebody changes them. */
const neverApplied = new Set(['csi-storage-capacity-tracking', 'endpoint-network-for-rwx-volume', 'storage-network']);

/** Which version of the ConfigMap of defaults a setting comes from; images come from the command line instead. */
function annotationsOf(name: string, defaults: string): { annotations?: Record<string, string> } {
  if (name === 'crd-api-version') return {};
  return { annotations: { 'longhorn.io/configmap-resource-version': name.endsWith('-image') ? '' : defaults } };
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
  // Block disks cannot be added while V2 is off.
  const v2 = cluster.settings.flag('v2-data-engine');
  for (const disk of seed.disks.filter((candidate) => v2 || candidate.kind === 'filesystem')) {
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
      const diskUuid = cluster.names.uuid(`disk/${seed.name}/${disk.name}`);
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
      cpuPolicy: 'none',
    };
  });
}

function nodeConditions(name: string, now: string): Condition[] {
  let conditions: Condition[] = [];
  const types = [
    'Schedulable',
    'RequiredPackages',
    'Multipathd',
    'NFSClientInstalled',
    'KernelModulesLoaded',
    'MountPropagation',
  ];
  conditions = withCondition(conditions, { type: 'Ready', status: 'True', message: `Node ${name} is ready`, now });
  for (const type of types) conditions = withCondition(conditions, { type, status: 'True', now });
  return conditions;
}
