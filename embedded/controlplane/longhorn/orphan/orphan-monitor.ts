import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { startPoller } from '../cluster/poller.ts';

const pollSeconds = 30;

/** Lets orphans go that somebody deleted. What is left on a disk is only known to SPDK's own interface. */
export function startOrphanMonitor(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Promise<void> {
  return startPoller({
    clock: cluster.clock,
    signal: cluster.signal,
    intervalSeconds: pollSeconds,
    tick() {
      for (const orphan of cluster.orphans.list()) {
        if (orphan.metadata.deletionTimestamp !== undefined) cluster.orphans.removeFinalizer(orphan.metadata.name);
      }
    },
    onError(error) {
      onError('orphan', error);
    },
  });
}
