import { SpdkError } from '../blobstore/errors.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import { storedChecksum } from '../blobstore/snapshot-checksums.ts';
import type { SnapshotHashStatus } from '../contract.ts';
import { isSnapshotLvolOf } from '../lvol-names.ts';
import type { Replica } from './replica.ts';

/**
 * Starts to compute a snapshot's checksum, unless it has one.
 * Source: longhorn-spdk-engine:pkg/spdk/replica.go SnapshotHash@8b93a545.
 * @throws SpdkError EBUSY while a rebuild may change the snapshot
 */
export function hashSnapshot(
  replica: Replica,
  snapshotName: string,
  options: { rehash: boolean; isSourceOfRebuild: boolean },
): void {
  const lvol = replica.snapshotLvol(snapshotName);
  if (!options.rehash && storedChecksum(lvol) !== '') return;
  const isSystem = (snapshot: Lvol): boolean => snapshot.xattrs.get('user_created') !== 'true';
  const parent =
    lvol.parent.kind === 'snapshot' && isSnapshotLvolOf(replica.name, lvol.parent.lvol.name)
      ? lvol.parent.lvol
      : undefined;
  const involvesSystem = isSystem(lvol) || (parent !== undefined && isSystem(parent));
  if (involvesSystem && (replica.isRebuilding || options.isSourceOfRebuild)) {
    throw new SpdkError(
      'EBUSY',
      `cannot hash snapshot ${snapshotName}(${lvol.name})(${lvol.uuid}) checksum, since its parent or itself is a system created snapshot while the replica is rebuilding`,
    );
  }
  if (replica.services.checksums.isRunning(lvol)) {
    throw new SpdkError(
      'EBUSY',
      `replica ${replica.name} range hash is in progress, cannot do it for snapshot ${snapshotName}(${lvol.name})(${lvol.uuid})`,
    );
  }
  hash(replica, lvol);
}

/** How far that is. @throws SpdkError ENODEV without such a snapshot */
export function hashStatus(replica: Replica, snapshotName: string): SnapshotHashStatus {
  const lvol = replica.snapshotLvol(snapshotName);
  const checksum = storedChecksum(lvol);
  if (replica.services.checksums.isRunning(lvol)) return { state: 'in_progress', checksum: '', error: '' };
  return { state: checksum === '' ? '' : 'complete', checksum, error: '' };
}

/** Starts to compute every checksum that is lacking. */
export function hashUnhashed(replica: Replica): void {
  for (const lvol of replica.snapshotLvols()) {
    if (storedChecksum(lvol) === '' && !replica.services.checksums.isRunning(lvol)) hash(replica, lvol);
  }
}

function hash({ services }: Replica, lvol: Lvol): void {
  const ranges = services.profile.snapshotChecksums === 'on-request-with-ranges';
  void services.checksums.register(lvol, { ranges });
}
