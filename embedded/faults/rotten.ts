/** Clusters of a replica's old snapshots that are not what they were when they were hashed. */
import { crc64 } from '../dataplane/blobstore/crc64.ts';
import type { Lvol } from '../dataplane/blobstore/lvol.ts';
import { checksumXattr, storedChecksum } from '../dataplane/blobstore/snapshot-checksums.ts';
import { shown } from './clusters.ts';

/** Clusters that the snapshot owns and that no lvol above it hides. */
export function uncoveredClusters(snapshot: Lvol): number[] {
  const above = (lvol: Lvol): Lvol[] => [...lvol.clones].flatMap((clone) => [clone, ...above(clone)]);
  const covering = above(snapshot);
  return snapshot.ownedClusters().filter((index) => !covering.some((lvol) => lvol.owns(index)));
}

/** Puts other bytes into one of the snapshot's own clusters, as a disk would: no checksum knows of it. */
export function rot(snapshot: Lvol, index: number, content: Uint8Array): void {
  snapshot.adoptCluster(index, content);
}

/** Makes the stored checksums what they would be if the snapshot were hashed now. */
export function rehash(snapshot: Lvol): void {
  if (storedChecksum(snapshot) === '') return;
  const owned = snapshot.ownedClusters();
  snapshot.xattrs.set(checksumXattr, owned.reduce((sum, index) => crc64(shown(snapshot, index), sum), 0n).toString());
  if (snapshot.rangeChecksums === undefined) return;
  snapshot.rangeChecksums = new Map(owned.map((index) => [index, crc64(shown(snapshot, index))]));
}
