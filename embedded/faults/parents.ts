import type { Lvol } from '../dataplane/blobstore/lvol.ts';
import { isBackingImageLvol, isCloneEntrypointLvol } from '../dataplane/lvol-names.ts';
import { firstDifference } from './clusters.ts';
import type { Liveness } from './liveness.ts';

/** What several volumes may hang on: a disk's copy of a backing image, or the entrypoint of linked clones. */
export function isSharedParent(lvolName: string): boolean {
  return isBackingImageLvol(lvolName) || isCloneEntrypointLvol(lvolName);
}

/** Notes that `of` hangs on another lvol than it should, and where that shows in its holes. */
export function noteParent(
  liveness: Liveness,
  choice: { of: Lvol; wanted: Lvol | undefined; chosen: Lvol | undefined },
): void {
  const { of, wanted, chosen } = choice;
  if (wanted === chosen) return;
  liveness.note('state', `${of.name} hangs on ${chosen?.name ?? 'nothing'} instead of ${wanted?.name ?? 'nothing'}`);
  const count = of.table.length;
  const index = firstDifference({ a: wanted, b: chosen, count, except: (candidate) => of.owns(candidate) });
  if (index !== undefined) liveness.note('bytes', `cluster ${String(index)} of ${of.name} shows something else`);
}
