import type { Lvol } from '../blobstore/lvol.ts';
import { storedChecksum } from '../blobstore/snapshot-checksums.ts';
import { type Json, uint64 } from './bdev-view.ts';
import { findLvol, invalidParameters, noSuchDevice, RpcError, type RpcTarget } from './target.ts';

type Params = Readonly<Record<string, unknown>>;

/**
 * Checksums of snapshots, as longhorn/spdk has them beside SPDK's own methods; those of single clusters since 1.10.
 * Source: go-spdk-helper:pkg/spdk/client/basic.go@v0.9.0, which is also where the errors are told apart.
 */
export const checksumMethods = {
  bdev_lvol_register_snapshot_checksum: (target: RpcTarget, params: Params) => register(target, params, false),

  bdev_lvol_register_snapshot_range_checksums: (target: RpcTarget, params: Params) => {
    requireRanges(target);
    return register(target, params, true);
  },

  bdev_lvol_get_snapshot_checksum: (target: RpcTarget, params: Params): Json => {
    const checksum = storedChecksum(findSnapshot(target, params));
    if (checksum === '') throw noSuchDevice();
    return { checksum: uint64(BigInt(checksum)) };
  },

  bdev_lvol_get_snapshot_range_checksums: (target: RpcTarget, params: Params): Json => {
    requireRanges(target);
    const { rangeChecksums } = findSnapshot(target, params);
    const { cluster_start_index: start, cluster_count: count } = params;
    if (typeof start !== 'number' || typeof count !== 'number') throw invalidParameters();
    if (rangeChecksums === undefined) throw noSuchDevice();
    return Array.from({ length: count }, (_, offset) => ({
      cluster_index: start + offset,
      checksum: uint64(rangeChecksums.get(start + offset) ?? 0n),
    }));
  },

  bdev_lvol_stop_snapshot_checksum: (target: RpcTarget, params: Params): Json => {
    if (!target.services.checksums.stop(findSnapshot(target, params))) throw new RpcError(-3, 'No such process');
    return true;
  },
};

async function register(target: RpcTarget, params: Params, ranges: boolean): Promise<Json> {
  const snapshot = findSnapshot(target, params);
  if (target.services.checksums.isRunning(snapshot)) throw new RpcError(-16, 'Device or resource busy');
  await target.services.checksums.register(snapshot, { ranges });
  return true;
}

function findSnapshot(target: RpcTarget, params: Params): Lvol {
  const lvol = findLvol(target, params['name']);
  if (!lvol.isSnapshot) throw new RpcError(-22, 'Invalid argument');
  return lvol;
}

function requireRanges(target: RpcTarget): void {
  if (target.services.profile.snapshotChecksums !== 'on-request-with-ranges')
    throw new RpcError(-32601, 'Method not found');
}
