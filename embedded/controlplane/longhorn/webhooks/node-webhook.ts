import { posix } from 'node:path';
import { qualifiedNameComplaints } from '../../../apiserver/validation/names.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { DiskSpec, Node } from '../model/node.ts';
import { forbidden, invalid } from './denial.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/node/validator.go@v1.11.3. */
export const nodeWebhook: Webhook<Node> = {
  mutateCreate(_cluster, node) {
    completeDisks(node);
  },
  mutateUpdate(_cluster, node) {
    completeDisks(node);
  },
  validateCreate(cluster, node) {
    checkProcessorRequest(node);
    checkDiskPaths(cluster, node);
    for (const [key, disk] of Object.entries(node.spec.disks)) {
      if (disk.diskType === 'block' && !cluster.settings.flag('v2-data-engine')) {
        throw invalid(`disk ${key} type ${disk.diskType} is not supported since v2 data engine is disabled`);
      }
      validateDriver(key, disk);
    }
  },
  validateUpdate(cluster, node, old) {
    const name = old.metadata.name;
    checkProcessorRequest(node);
    if (node.spec['evictionRequested'] === true && node.spec['allowScheduling'] === true) {
      throw invalid(`need to disable scheduling on node ${name} for node eviction, or cancel eviction to enable scheduling on this node`);
    }
    checkTags(node.spec['tags']);
    if (node.spec['name'] === '') throw invalid("node name is invalid. You can't have a Spec.Name empty");
    if (JSON.stringify(node.spec.disks) === JSON.stringify(old.spec.disks)) return;
    if (Object.keys(old.spec.disks).sort().join() !== Object.keys(old.status?.diskStatus ?? {}).sort().join()) {
      throw forbidden(`spec and status of disks on node ${name} are being syncing and please retry later.`);
    }
    checkDiskPaths(cluster, node);
    for (const [key, disk] of Object.entries(node.spec.disks)) validateDisk(cluster, { node, old, key, disk });
    for (const [key, disk] of Object.entries(old.spec.disks)) {
      if (node.spec.disks[key] === undefined) validateRemoval(cluster, old, key, disk);
    }
  },
  validateDelete(cluster, node) {
    if (node.metadata.annotations?.['longhorn.io/delete-node-from-longhorn'] !== undefined) return;
    const { name } = node.metadata;
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const replicas = cluster.replicas.list().filter((one) => one.spec.nodeID === name).length;
    const engines = cluster.engines.list().filter((one) => one.spec.nodeID === name).length;
    const schedulable = node.spec['allowScheduling'] === true;
    const gone = ready?.reason === 'KubernetesNodeGone' || ready?.reason === 'ManagerPodMissing';
    if (ready?.status !== 'True' && gone && !schedulable && replicas + engines === 0) return;
    const condition = `node ready condition is ${ready?.status ?? ''}, reason is ${ready?.reason ?? ''}, node schedulable ${String(schedulable)}`;
    throw invalid(`could not delete node ${name} with ${condition}, and ${String(replicas)} replica, ${String(engines)} engine running on it`);
  },
};

function checkProcessorRequest(node: Node): void {
  if (Number(node.spec['instanceManagerCPURequest'] ?? 0) < 0) throw invalid('instanceManagerCPURequest should be greater than or equal to 0');
}

/** Source: longhorn-manager:util/util.go ValidateTags. */
function checkTags(tags: readonly string[] | undefined): void {
  for (const tag of tags ?? []) {
    const [complaint] = qualifiedNameComplaints(tag);
    if (complaint !== undefined) throw invalid(`at least one error encountered while validating tags: ${complaint}`);
  }
}

/** Two disks of a node at one path, refused from 1.12.0 on. */
function checkDiskPaths(cluster: LonghornCluster, node: Node): void {
  if (!isInVersionRange(cluster.profile.version, '1.12.0..')) return;
  const byPath = new Map<string, string>();
  const twice: string[] = [];
  for (const [key, disk] of Object.entries(node.spec.disks)) {
    const path = posix.normalize(disk.path).replace(/(.)\/$/, '$1');
    const other = byPath.get(path);
    if (other === undefined) byPath.set(path, key);
    else twice.push(`${path} (disks ${other} and ${key})`);
  }
  if (twice.length > 0) throw invalid(`duplicate disk paths on node ${node.metadata.name}: [${twice.join(' ')}]`);
}

function completeDisks(node: Node): void {
  for (const disk of Object.values(node.spec.disks as Record<string, Partial<DiskSpec>>)) {
    disk.diskType ??= 'filesystem';
    disk.diskDriver ??= disk.diskType === 'block' ? 'auto' : '';
    disk.allowScheduling ??= false;
    disk.evictionRequested ??= false;
    disk.storageReserved ??= 0;
    disk.tags ??= [];
  }
}

function validateDriver(key: string, disk: DiskSpec): void {
  if (disk.diskType === 'filesystem' && disk.diskDriver !== '') {
    throw invalid(`disk ${key} type ${disk.diskType} is not supported to specify disk driver`);
  }
}

function validateDisk(
  cluster: LonghornCluster,
  change: { node: Node; old: Node; key: string; disk: DiskSpec },
): void {
  const { node, old, key, disk } = change;
  const where = `update disk on node ${node.metadata.name} error: The disk ${key}(${disk.path})`;
  if (disk.evictionRequested && disk.allowScheduling) {
    const advice = 'or cancel eviction to enable scheduling on this disk';
    throw invalid(`need to disable scheduling on disk ${key} for disk eviction, ${advice}`);
  }
  if (disk.storageReserved < 0) {
    const rule = 'is not valid, should be positive and no more than storageMaximum and storageAvailable';
    throw invalid(`update disk on node ${node.metadata.name} error: The storageReserved setting of disk ${key}(${disk.path}) ${rule}`);
  }
  checkTags(disk.tags);
  if (disk.diskType === 'block' && !cluster.settings.flag('v2-data-engine')) {
    throw invalid(`${where} is a block device, but the SPDK feature is not enabled`);
  }
  validateDriver(key, disk);
  const before = old.spec.disks[key];
  if (before !== undefined && before.diskType !== disk.diskType) throw invalid(`${where} type is not allow to change`);
}

function validateRemoval(cluster: LonghornCluster, old: Node, key: string, disk: DiskSpec): void {
  const status = old.status?.diskStatus[key];
  const used = Object.keys(status?.scheduledReplica ?? {}).length + Object.keys(status?.scheduledBackingImage ?? {}).length;
  if (!disk.allowScheduling && used === 0) return;
  const what = isInVersionRange(cluster.profile.version, '..1.8.1') ? 'replicas' : 'replicas and backing images';
  const advice = `Please disable the disk ${disk.path} and remove all ${what} first `;
  throw invalid(`Delete Disk on node ${key} error: ${advice}`);
}
