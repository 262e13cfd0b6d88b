import type { Lvol } from '../blobstore/lvol.ts';
import { storedChecksum } from '../blobstore/snapshot-checksums.ts';
import { snapshotLvolName } from '../lvol-names.ts';
import type { Replica } from './replica.ts';
import type { SourceSnapshot } from './source-snapshots.ts';

/**
 * What a rebuild does with a snapshot that the target already has.
 * - `intact`: same time, same number of clusters, same stored checksum; it stays as it is.
 * - `ranges`: outdated, and both sides have range checksums; clusters that differ by them are copied or freed.
 * - `replace`: deleted, and copied as a whole.
 *
 * Source: longhorn-spdk-engine:pkg/spdk/replica.go rebuildingDstShallowCopyPrepare@44753b56, 02814257, c9155af8, 8b93a545.
 */
export type SnapshotReuse = 'intact' | 'ranges' | 'replace';

export function reuseOf(replica: Replica, existing: Lvol, snapshot: SourceSnapshot, fastSync: boolean): SnapshotReuse {
  const { profile } = replica.services;
  const sameTime = existing.xattrs.get('snapshot_timestamp') === snapshot.xattrs['snapshot_timestamp'];
  const sameSize = existing.allocatedClusters === snapshot.allocatedClusters;
  const source = digest(replica, snapshot.lvol, storedChecksum(snapshot.lvol));
  const own = digest(replica, existing, storedChecksum(existing));
  const asked = profile.fastSync === 'always' || fastSync;
  if (sameTime && sameSize && source !== '' && source === own && asked) return 'intact';
  const ranges = profile.snapshotChecksums === 'on-request-with-ranges';
  return ranges && existing.rangeChecksums !== undefined && snapshot.lvol.rangeChecksums !== undefined
    ? 'ranges'
    : 'replace';
}

/** Lets the outdated snapshot's clusters come down into the rebuilding lvol, and says which must be copied over them. */
export function mergeOutdated(replica: Replica, snapshot: SourceSnapshot, rebuilding: Lvol): number[] {
  const existing = replica.store.get(snapshotLvolName(replica.name, snapshot.name));
  const differing = mismatchingClusters(replica, existing, snapshot);
  replica.store.delete(existing);
  for (const index of differing)
    if (!snapshot.lvol.owns(index) && rebuilding.owns(index)) rebuilding.releaseCluster(index);
  return differing.filter((index) => snapshot.lvol.owns(index));
}

/** Clusters whose range checksums differ; one that a side does not own has 0 there. */
function mismatchingClusters(replica: Replica, existing: Lvol, snapshot: SourceSnapshot): number[] {
  const count = Math.max(existing.table.length, snapshot.lvol.table.length);
  return Array.from({ length: count }, (_, index) => index).filter((index) => {
    const of = (lvol: Lvol): string => digest(replica, lvol, (lvol.rangeChecksums?.get(index) ?? 0n).toString(), index);
    return of(snapshot.lvol) !== of(existing);
  });
}

function digest({ name, services }: Replica, lvol: Lvol, wanted: string, index?: number): string {
  const cluster = index === undefined ? {} : { index };
  return services.hooks.snapshotDigest?.({ destinationReplica: name, lvol, wanted, ...cluster }) ?? wanted;
}
