import { setImmediate as nextTurn } from 'node:timers/promises';
import { clusterBytes } from './cluster-file.ts';
import { crc64 } from './crc64.ts';
import { SpdkError } from './errors.ts';
import type { Lvol } from './lvol.ts';

export const checksumXattr = 'snapshot_checksum';

/** What a snapshot's stored checksum is: a decimal number of 64 bits, or '' while there is none. */
export function storedChecksum(lvol: Lvol): string {
  return lvol.xattrs.get(checksumXattr) ?? '';
}

/** A merge changed the layer: what was computed of it before is void. */
export function forgetChecksums(lvol: Lvol): void {
  lvol.xattrs.delete(checksumXattr);
  lvol.rangeChecksums = undefined;
  lvol.merges += 1;
}

/**
 * Computes and stores checksums of snapshots, in the background. One covers the clusters that the layer itself owns, in
 * order: not where they are, and nothing of the parent, so that an empty layer has 0. Range checksums are one a cluster.
 * Source: longhorn/spdk bs_snapshot_checksum_*; which parameters its CRC64 has was not read, SPDK has NVMe's.
 */
export class SnapshotChecksums {
  readonly #running = new Map<Lvol, { readonly stop: AbortController; readonly done: Promise<void> }>();

  isRunning(lvol: Lvol): boolean {
    return this.#running.has(lvol);
  }

  /** Resolves when the checksum is stored, and silently when the snapshot is gone or changed by then. */
  register(lvol: Lvol, options: { ranges: boolean }): Promise<void> {
    if (!lvol.isSnapshot) throw new SpdkError('EINVAL', `lvol ${lvol.alias} is not a snapshot`);
    const running = this.#running.get(lvol);
    if (running !== undefined)
      throw new SpdkError('EBUSY', `checksum of ${lvol.alias} is being computed: Device or resource busy`);
    const stop = new AbortController();
    const done = compute(lvol, options.ranges, stop.signal).finally(() => this.#running.delete(lvol));
    this.#running.set(lvol, { stop, done });
    return done;
  }

  /** Answers whether there was anything to stop. */
  stop(lvol: Lvol): boolean {
    const running = this.#running.get(lvol);
    running?.stop.abort();
    return running !== undefined;
  }

  /** Stops all that is being computed; none of it is stored. */
  async close(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }
}

async function compute(lvol: Lvol, withRanges: boolean, signal: AbortSignal): Promise<void> {
  const { merges } = lvol;
  const content = Buffer.alloc(clusterBytes);
  const ranges = new Map<number, bigint>();
  let whole = 0n;
  for (const index of lvol.ownedClusters()) {
    await nextTurn();
    if (signal.aborted || lvol.isDeleted || lvol.merges !== merges) return;
    lvol.read(index * clusterBytes, content);
    whole = crc64(content, whole);
    if (withRanges) ranges.set(index, crc64(content));
  }
  if (signal.aborted || lvol.isDeleted || lvol.merges !== merges) return;
  lvol.xattrs.set(checksumXattr, whole.toString());
  lvol.rangeChecksums = withRanges ? ranges : undefined;
}
