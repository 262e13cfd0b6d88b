import { posix } from 'node:path';
import type { KubeObject } from '../../../apiserver/store.ts';
import { qualifiedNameComplaints } from '../../../apiserver/validation/names.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { DiskSpec, Node } from '../model/node.ts';
import { forbidden, invalid } from './denial.ts';
import { formFault } from './setting-form.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/node@v1.8.0..v1.12.1. */
export const nodeWebhook: Webhook<Node> = {
  mutateCreate: complete,
  mutateUpdate: complete,
  validateCreate(cluster, node) {
    checkProcessorRequest(node);
    for (const [key, disk] of Object.entries(node.spec.disks)) {
      if (disk.diskType === 'block' && !cluster.settings.flag('v2-data-engine')) {
        throw invalid(`disk ${key} type ${disk.diskType} is not supported since v2 data engine is disabled`);
      }
      checkDriver(key, disk);
    }
    checkDiskPaths(cluster, node);
  },
  validateUpdate(cluster, node, old) {
    const { name } = old.metadata;
    checkProcessorRequest(node);
    if (node.spec['evictionRequested'] === true && node.spec['allowScheduling'] === true) {
      throw invalid(
        `need to disable scheduling on node ${name} for node eviction, or cancel eviction to enable scheduling on this node`,
      );
    }
    if (
      Object.keys(old.spec.disks ?? {})
        .sort()
        .join() !==
      Object.keys(old.status?.diskStatus ?? {})
        .sort()
        .join()
    ) {
      throw forbidden(`spec and status of disks on node ${name} are being syncing and please retry later.`);
    }
    checkTags(node.spec['tags']);
    checkProcessorShare(cluster, node);
    if (
      ((node.spec['name'] as string | undefined) ?? '') === '' &&
      isInVersionRange(cluster.profile.version, '1.10.0..')
    ) {
      throw invalid("node name is invalid. You can't have a Spec.Name empty");
    }
    checkDisks(cluster, node, old);
  },
  validateDelete(cluster, node) {
    if (!isInVersionRange(cluster.profile.version, '1.10.0..')) return;
    if (node.metadata.annotations?.['longhorn.io/delete-node-from-longhorn'] !== undefined) return;
    const { name } = node.metadata;
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const replicas = cluster.replicas.list().filter((one) => one.spec.nodeID === name).length;
    const engines = cluster.engines.list().filter((one) => one.spec.nodeID === name).length;
    const schedulable = node.spec['allowScheduling'] === true;
    const gone = ready?.reason === 'KubernetesNodeGone' || ready?.reason === 'ManagerPodMissing';
    if (ready?.status !== 'True' && gone && !schedulable && replicas + engines === 0) return;
    const condition = `node ready condition is ${ready?.status ?? ''}, reason is ${ready?.reason ?? ''}, node schedulable ${String(schedulable)}`;
    throw invalid(
      `could not delete node ${name} with ${condition}, and ${String(replicas)} replica, ${String(engines)} engine running on it`,
    );
  },
};

/** Each tag once, in order; the rest of a disk stays as it was asked for. */
function complete(_cluster: LonghornCluster, node: Node): void {
  const spec = (node.spec ??= {} as Node['spec']) as Partial<Node['spec']>;
  const distinct = (tags: string[] | undefined): string[] => [...new Set(tags)].sort();
  spec.tags = distinct(spec.tags);
  spec.disks ??= {};
  for (const disk of Object.values(spec.disks as Record<string, Partial<DiskSpec>>)) {
    disk.tags = distinct(disk.tags);
    if (((disk.diskType as string | undefined) ?? '') === '') disk.diskType = 'filesystem';
    else if (disk.diskType === 'block' && (disk.diskDriver ?? '') === '') disk.diskDriver = 'auto';
  }
}

function checkProcessorRequest(node: Node): void {
  if (Number(node.spec['instanceManagerCPURequest'] ?? 0) < 0)
    throw invalid('instanceManagerCPURequest should be greater than or equal to 0');
}

/** As a part of what Kubernetes can give away on the node, it must be a value of the setting. */
function checkProcessorShare(cluster: LonghornCluster, node: Node): void {
  const request = Number(node.spec['instanceManagerCPURequest'] ?? 0);
  const definition = cluster.settings.definitions.get('guaranteed-instance-manager-cpu');
  const available = allocatableMilliCpu(cluster.store.get({ resource: 'nodes', name: node.metadata.name }));
  if (request === 0 || definition === undefined || available === 0) return;
  const percent = Math.round((request / available) * 100);
  if (isInVersionRange(cluster.profile.version, '1.10.0..')) {
    const text = percent.toFixed(2);
    const fault = formFault(definition, text, cluster.profile.version);
    if (fault !== undefined) throw invalid(`value ${text} of settings ${definition.name} is invalid: ${fault}`);
  } else if (isInVersionRange(cluster.profile.version, '..1.8.2') && percent > (definition.maximum ?? percent)) {
    const range = `between ${String(definition.minimum)} - ${String(definition.maximum)} millicpu`;
    throw invalid(`invalid requested instance manager CPUs. Valid instance manager CPU range ${range}`);
  }
}

function allocatableMilliCpu(node: KubeObject | undefined): number {
  const status = node?.status as { allocatable?: Record<string, string> } | undefined;
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(status?.allocatable?.['cpu'] ?? '');
  return Number(match?.[1] ?? 0) * (match?.[2] === 'm' ? 1 : 1000);
}

/** Source: longhorn-manager:util/util.go ValidateTags. */
function checkTags(tags: readonly string[] | undefined): void {
  for (const tag of tags ?? []) {
    const [complaint] = qualifiedNameComplaints(tag);
    if (complaint !== undefined) throw invalid(`at least one error encountered while validating tags: ${complaint}`);
  }
}

function checkDisks(cluster: LonghornCluster, node: Node, old: Node): void {
  const disks = Object.entries(node.spec.disks);
  const evicted = disks.find(([, disk]) => disk.evictionRequested && disk.allowScheduling);
  if (evicted !== undefined) {
    throw invalid(
      `need to disable scheduling on disk ${evicted[0]} for disk eviction, or cancel eviction to enable scheduling on this disk`,
    );
  }
  for (const [key, disk] of disks) checkDisk(cluster, { node, key, disk });
  checkDiskPaths(cluster, node);
  for (const [key, disk] of Object.entries(old.spec.disks)) {
    if (node.spec.disks[key] === undefined) checkRemoval(cluster, old, key, disk);
  }
  for (const [key, disk] of Object.entries(old.spec.disks)) {
    const after = node.spec.disks[key];
    if (after !== undefined && disk.diskType !== after.diskType) {
      throw invalid(
        `update disk on node ${node.metadata.name} error: The disk ${key}(${disk.path}) type is not allow to change`,
      );
    }
  }
}

function checkDisk(cluster: LonghornCluster, { node, key, disk }: { node: Node; key: string; disk: DiskSpec }): void {
  const where = `update disk on node ${node.metadata.name} error: The`;
  if ((disk.storageReserved ?? 0) < 0) {
    const rule = 'is not valid, should be positive and no more than storageMaximum and storageAvailable';
    throw invalid(`${where} storageReserved setting of disk ${key}(${disk.path}) ${rule}`);
  }
  checkTags(disk.tags);
  if (disk.diskType === 'block' && !cluster.settings.flag('v2-data-engine')) {
    throw invalid(`${where} disk ${key}(${disk.path}) is a block device, but the SPDK feature is not enabled`);
  }
  checkDriver(key, disk);
}

function checkDriver(key: string, disk: DiskSpec): void {
  if (disk.diskType !== 'block' && (disk.diskDriver ?? '') !== '') {
    throw invalid(`disk ${key} type ${disk.diskType} is not supported to specify disk driver`);
  }
}

/** Two disks of a node at one path, refused from 1.12.0 on. */
function checkDiskPaths(cluster: LonghornCluster, node: Node): void {
  if (!isInVersionRange(cluster.profile.version, '1.12.0..')) return;
  const byPath = new Map<string, string>();
  const twice: string[] = [];
  for (const [key, disk] of Object.entries(node.spec.disks)) {
    const path = posix.normalize(disk.path ?? '').replace(/(.)\/$/, '$1');
    const other = byPath.get(path);
    if (other === undefined) byPath.set(path, key);
    else twice.push(`${path} (disks ${other} and ${key})`);
  }
  if (twice.length > 0) throw invalid(`duplicate disk paths on node ${node.metadata.name}: [${twice.join(' ')}]`);
}

function checkRemoval(cluster: LonghornCluster, old: Node, key: string, disk: DiskSpec): void {
  if (!disk.allowScheduling && (old.status?.diskStatus[key]?.storageScheduled ?? 0) === 0) return;
  const what = isInVersionRange(cluster.profile.version, '..1.8.1') ? 'replicas' : 'replicas and backing images';
  throw invalid(`Delete Disk on node ${key} error: Please disable the disk ${disk.path} and remove all ${what} first `);
}
