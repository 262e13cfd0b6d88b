/** What must not change on any disk while another volume is rebuilt. A pure function of two looks at the lvols. */
import type { ReplicaPlacement } from '../verdict/events.ts';
import { isBackingImageLvol, lvolKey, type FoundProblem } from './lvol-audit.ts';
import type { Lvol } from './lvol-parse.ts';

/**
 * The bystander's lvols and those of all images must be the very same ones: identity, parent, size and allocation. An
 * image copy that was deleted and made again is told by its other UUID (longhorn/longhorn#10527).
 */
export function changedLvols(options: {
  before: readonly Lvol[];
  now: readonly Lvol[];
  /** The bystander's replicas. */
  replicas: readonly ReplicaPlacement[];
}): FoundProblem[] {
  const { before, replicas } = options;
  const now = new Map(options.now.map((lvol) => [lvolKey(lvol), lvol]));
  return before.flatMap((lvol): FoundProblem[] => {
    const owner = replicas.find(
      ({ replica, diskUuid }) =>
        diskUuid === lvol.lvstoreUuid && (lvol.name === replica || lvol.name.startsWith(`${replica}-`)),
    );
    const isImage = isBackingImageLvol(lvol);
    if (owner === undefined && !isImage) return [];
    const detail = difference(lvol, now.get(lvolKey(lvol)));
    if (detail === undefined) return [];
    return [
      {
        problem: isImage ? 'backing-image-lvol-changed' : 'bystander-lvol-changed',
        replica: owner?.replica ?? '',
        diskUuid: lvol.lvstoreUuid,
        detail: `${lvol.name} ${detail}`,
      },
    ];
  });
}

function difference(before: Lvol, now: Lvol | undefined): string | undefined {
  if (now === undefined) return 'is gone from its disk';
  if (before.uuid !== now.uuid) return `is another lvol: UUID ${before.uuid} before, ${now.uuid} now`;
  if (before.parent !== now.parent)
    return `hung on ${before.parent ?? 'nothing'} and hangs on ${now.parent ?? 'nothing'}`;
  if (before.sizeBytes !== now.sizeBytes) {
    return `had ${String(before.sizeBytes)} bytes and has ${String(now.sizeBytes)}`;
  }
  return before.allocatedClusters === now.allocatedClusters
    ? undefined
    : `owned ${String(before.allocatedClusters)} clusters and owns ${String(now.allocatedClusters)}`;
}
