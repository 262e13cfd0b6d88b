import { isBackingImageLvol, isCloneEntrypointLvol, isSnapshotLvolOf, snapshotNameOf } from '../lvol-names.ts';
import { checksumXattr } from '../blobstore/snapshot-checksums.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import { parentName } from './replica-chain.ts';
import type { Replica } from './replica.ts';

/** A snapshot of the source as it was reported when the rebuild began. */
export interface SourceSnapshot {
  readonly name: string;
  readonly lvol: Lvol;
  /** Snapshot name of the parent, the image's lvol name, or ''. */
  readonly parent: string;
  readonly sizeBytes: number;
  readonly allocatedClusters: number;
  /** Without its checksum, which is stored with the lvol. */
  readonly xattrs: Readonly<Record<string, string>>;
}

/** What a rebuild copies of its source: from the oldest snapshot on, a parent before its children; the head is left out. */
export function sourceSnapshots(source: Replica): SourceSnapshot[] {
  const lookup = source.services.profile.rebuildParentLookup;
  const all = source.snapshotLvols();
  const listed: SourceSnapshot[] = [];
  const visit = (parent: string): void => {
    for (const lvol of all) {
      const below = parentName(lvol);
      if ((isSnapshotLvolOf(source.name, below) ? below : '') !== parent) continue;
      // A clone's root is copied without a parent; what it hangs on is set at the end of the rebuild.
      const unnamed = isCloneEntrypointLvol(below) || (isBackingImageLvol(below) && lookup === 'reported-empty');
      const reported = unnamed ? '' : snapshotNameOf(source.name, below);
      listed.push({
        name: snapshotNameOf(source.name, lvol.name),
        lvol,
        parent: reported,
        sizeBytes: lvol.sizeBytes,
        allocatedClusters: lvol.allocatedClusters,
        xattrs: Object.fromEntries([...lvol.xattrs].filter(([key]) => key !== checksumXattr)),
      });
      visit(lvol.name);
    }
  };
  visit('');
  return listed;
}
