import type { Lvol } from '../dataplane/blobstore/lvol.ts';
import { noteCluster, shown, shownBelow } from './clusters.ts';
import type { Liveness } from './liveness.ts';

/** Notes that a cluster is not copied, if what shows in its place is something else. */
export function noteLost(liveness: Liveness, copy: { source: Lvol; destination: Lvol; index: number }): void {
  const { source, destination, index } = copy;
  if (shown(source, index).equals(shownBelow(destination, index))) return;
  noteCluster(liveness, destination.name, index, `the cluster of ${source.name} is not copied`);
}
