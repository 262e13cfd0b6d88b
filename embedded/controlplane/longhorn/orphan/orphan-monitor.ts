import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { orphanName } from '../cluster/names.ts';
import { startPoller } from '../cluster/poller.ts';
import { withCondition } from '../model/condition.ts';
import { listDisks } from '../node/disks.ts';
import type { Disk } from '../node/disks.ts';
import { lvolsByLvstore } from './spdk-lvols.ts';

const pollSeconds = 30;
// Heads and what a broken rebuild leaves behind; snapshots, backing images and expired heads belong to something.
const replicaData = /-r-[0-9a-f]{8}(-rebuilding)?$/;

/**
 * An Orphan for every replica's data on a block disk that no Replica explains; gone when the data is.
 * Source: longhorn-manager:controller/monitor/disk_monitor.go, longhorn-facts §1.12.
 */
export function startOrphanMonitor(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Promise<void> {
  // Data must be seen twice: a replica that is just being made or removed is nobody's leftover.
  let suspects = new Set<string>();
  return startPoller({
    clock: cluster.clock,
    signal: cluster.signal,
    intervalSeconds: pollSeconds,
    async tick() {
      const found = await leftovers(cluster);
      for (const [name, leftover] of found) if (suspects.has(name)) createOrphan(cluster, name, leftover);
      suspects = new Set(found.keys());
      for (const orphan of cluster.orphans.list()) {
        const name = orphan.metadata.name;
        if (orphan.metadata.deletionTimestamp !== undefined) cluster.orphans.removeFinalizer(name);
        else if (!found.has(name)) cluster.orphans.delete(name);
      }
    },
    onError(error) {
      onError('orphan', error);
    },
  });
}

interface Leftover {
  disk: Disk;
  dataName: string;
}

async function leftovers(cluster: LonghornCluster): Promise<Map<string, Leftover>> {
  const found = new Map<string, Leftover>();
  for (const spdk of cluster.dataPlane.nodes()) {
    const lvols = await lvolsByLvstore(spdk.rpcSocket, cluster.signal);
    for (const disk of listDisks(cluster)) {
      if (disk.node.metadata.name !== spdk.nodeName || disk.spec.diskType !== 'block') continue;
      for (const dataName of lvols.get(disk.status.diskUUID) ?? []) {
        if (!replicaData.test(dataName) || cluster.replicas.get(dataName.replace(/-rebuilding$/, '')) !== undefined)
          continue;
        const { diskName, diskUUID } = disk.status;
        found.set(orphanName(spdk.nodeName, diskName, diskUUID, dataName), { disk, dataName });
      }
    }
  }
  return found;
}

function createOrphan(cluster: LonghornCluster, name: string, leftover: Leftover): void {
  if (cluster.orphans.get(name) !== undefined) return;
  const { disk, dataName } = leftover;
  const nodeID = disk.node.metadata.name;
  cluster.orphans.create({
    metadata: { name, labels: { 'longhorn.io/component': 'orphan', 'longhorn.io/managed-by': 'longhorn-manager' } },
    spec: {
      nodeID,
      orphanType: 'replica',
      dataEngine: 'v2',
      parameters: {
        DataName: dataName,
        DiskName: disk.status.diskName,
        DiskUUID: disk.status.diskUUID,
        DiskPath: disk.status.diskPath,
        DiskType: 'block',
      },
    },
  });
  const now = cluster.clock.timestamp();
  cluster.orphans.changeStatus(name, (draft) => {
    const cleanable = withCondition([], { type: 'DataCleanable', status: 'True', now });
    draft.status = { ownerID: nodeID, conditions: withCondition(cleanable, { type: 'Error', status: 'False', now }) };
  });
}
