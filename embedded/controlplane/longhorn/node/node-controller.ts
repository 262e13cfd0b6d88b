import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { isTerminating } from '../model/replica.ts';
import type { DiskStatus, Node } from '../model/node.ts';
import { nodeConditions } from './node-conditions.ts';
import { newDiskStatus, refreshDiskStatus } from './disk-status.ts';

/** Size of a block disk that a person adds later: a loop device as in Longhorn's own quick start. */
const addedDiskBytes = 10 * 2 ** 30;

// Disks are looked at in their own rhythm: longhorn-manager:controller/monitor/node_monitor.go, 30 s.
const diskPollSeconds = 30;

/** Keeps nodes' disks: new ones become lvstores, removed ones are forgotten, space and contents are counted. */
export function startNodeController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const controller: Controller = createController({
    name: 'longhorn-node',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncNode(cluster, name, controller),
  });
  cluster.store.watch(cluster.nodes.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  cluster.store.watch(cluster.replicas.resource, (event) => {
    const nodes = [event.object, event.previous].map(
      (replica) => (replica?.spec as { nodeID?: string } | undefined)?.nodeID,
    );
    const moved = event.type !== 'MODIFIED' || nodes[0] !== nodes[1];
    for (const node of moved ? nodes : []) if (node !== undefined && node !== '') controller.enqueue(node);
  });
  cluster.store.watch('nodes', (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  for (const node of cluster.nodes.list()) controller.enqueue(node.metadata.name);
  return controller;
}

async function syncNode(cluster: LonghornCluster, name: string, controller: Controller): Promise<void> {
  const node = cluster.nodes.get(name);
  if (node?.status === undefined) return;
  if (isTerminating(node)) {
    cluster.nodes.removeFinalizer(name);
    return;
  }
  for (const [key, { diskType, diskName }] of Object.entries(node.status.diskStatus)) {
    if (node.spec.disks[key] === undefined && diskType === 'block') cluster.dataPlane.node(name).diskDelete(diskName);
  }
  const added: Record<string, DiskStatus> = {};
  for (const [key, spec] of Object.entries(node.spec.disks)) {
    if (node.status.diskStatus[key] !== undefined) continue;
    added[key] = await addDisk(cluster, name, key, spec);
  }
  cluster.nodes.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    draft.status.conditions = nodeConditions(cluster, draft);
    const kept = Object.entries(refreshDiskStatus(cluster, draft)).filter(([key]) => key in draft.spec.disks);
    draft.status.diskStatus = { ...Object.fromEntries(kept), ...added };
  });
  controller.enqueueAfter(name, diskPollSeconds);
}

async function addDisk(
  cluster: LonghornCluster,
  node: string,
  key: string,
  spec: Node['spec']['disks'][string],
): Promise<DiskStatus> {
  if (spec.diskType === 'filesystem') {
    const diskUuid = cluster.names.uuid(`disk/${node}/${key}`);
    const sizes = { totalBytes: addedDiskBytes, freeBytes: addedDiskBytes };
    return newDiskStatus(cluster, node, { key, spec, diskUuid, diskName: key, ...sizes });
  }
  const info = await cluster.dataPlane.node(node).diskCreate({
    diskName: key,
    path: spec.path,
    sizeBytes: addedDiskBytes,
    blockBytes: 512,
  });
  return newDiskStatus(cluster, node, {
    key,
    spec,
    diskUuid: info.lvstoreUuid,
    diskName: info.diskName,
    totalBytes: info.totalBytes,
    freeBytes: info.freeBytes,
  });
}
