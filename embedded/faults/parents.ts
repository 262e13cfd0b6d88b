import type { Lvol } from '../dataplane/blobstore/lvol.ts';
import { isBackingImageLvol, isCloneEntrypointLvol } from '../dataplane/lvol-names.ts';
import { differingClusters, noteCluster } from './clusters.ts';
import type { Liveness } from './liveness.ts';

/** What several volumes may hang on: a disk's copy of a backing image, or the entrypoint of linked clones. */
export function isSharedParent(lvolName: string): boolean {
  return isBackingImageLvol(lvolName) || isCloneEntrypointLvol(lvolName);
}

/** Notes that the replica's copy of `of`, or `of` itself, hangs on another lvol than it should, and where that shows. */
export function noteParent(
  liveness: Liveness,
  choice: { of: Lvol; replica: string; wanted: Lvol | undefined; chosen: Lvol | undefined },
): void {
  const { of, replica, wanted, chosen } = choice;
  if (wanted === chosen) return;
  const [seen, right] = [chosen?.name ?? 'nothing', wanted?.name ?? 'nothing'];
  liveness.note('state', `${of.name}, as ${replica} has it, hangs on ${seen} instead of ${right}`);
  const count = of.table.length;
  for (const index of differingClusters({ a: wanted, b: chosen, count, except: (candidate) => of.owns(candidate) })) {
    noteCluster(liveness, replica, index, `another parent shows below ${of.name}`);
  }
}
