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
    for (const [key, disk] of Object.entries(node.spec.disks)) {
      if (disk.diskType === 'block' && !cluster.settings.flag('v2-data-engine')) {
        throw invalid(`disk ${key} type ${disk.diskType} is not supported since v2 data engine is disabled`);
      }
      validateDriver(key, disk);
    }
  },
  validateUpdate(cluster, node, old) {
    const name = old.metadata.name;
    if (JSON.stringify(node.spec.disks) === JSON.stringify(old.spec.disks)) return;
    if (Object.keys(old.spec.disks).sort().join() !== Object.keys(old.status?.diskStatus ?? {}).sort().join()) {
      throw forbidden(`spec and status of disks on node ${name} are being syncing and please retry later.`);
    }
    for (const [key, disk] of Object.entries(node.spec.disks)) validateDisk(cluster, { node, old, key, disk });
    for (const [key, disk] of Object.entries(old.spec.disks)) {
      if (node.spec.disks[key] === undefined) validateRemoval(old, key, disk);
    }
  },
};

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
  if (disk.diskType === 'block' && !cluster.settings.flag('v2-data-engine')) {
    throw invalid(`${where} is a block device, but the SPDK feature is not enabled`);
  }
  validateDriver(key, disk);
  const before = old.spec.disks[key];
  if (before !== undefined && before.diskType !== disk.diskType) throw invalid(`${where} type is not allow to change`);
}

function validateRemoval(old: Node, key: string, disk: DiskSpec): void {
  const status = old.status?.diskStatus[key];
  const used = Object.keys(status?.scheduledReplica ?? {}).length + Object.keys(status?.scheduledBackingImage ?? {}).length;
  if (!disk.allowScheduling && used === 0) return;
  const advice = `Please disable the disk ${disk.path} and remove all replicas and backing images first `;
  throw invalid(`Delete Disk on node ${key} error: ${advice}`);
}
