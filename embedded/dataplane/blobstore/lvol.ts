import { type ClusterFile, clusterBytes } from './cluster-file.ts';
import { SpdkError } from './errors.ts';
import type { LvolHooks } from '../../faults/hooks.ts';

/** A bdev of another target that backs an esnap clone. `lvol()` fails with EIO once the connection is gone. */
export interface ExternalSnapshot {
  readonly bdevName: string;
  readonly bdevUuid: string;
  lvol(): Lvol;
}

export type LvolParent =
  | { readonly kind: 'none' }
  | { readonly kind: 'snapshot'; readonly lvol: Lvol }
  | { readonly kind: 'esnap'; readonly external: ExternalSnapshot };

export const noParent: LvolParent = { kind: 'none' };

/** Where a cluster's bytes are. `undefined` stands for the zeroes device. */
export interface ClusterPlace {
  readonly file: ClusterFile;
  readonly cluster: number;
}

/** The lvstore as an lvol sees it. */
export interface LvolStore {
  readonly name: string;
  readonly uuid: string;
  readonly file: ClusterFile;
  readonly hooks: LvolHooks;
}

const hole = -1;
const scratch = Buffer.alloc(clusterBytes);
const zeroCluster = Buffer.alloc(clusterBytes);

/**
 * A thin logical volume: a table cluster → cluster of the disk, and what is read where the table has a hole. I/O is split
 * at cluster boundaries. All I/O is synchronous, so a caller sees each cluster either before or after a write.
 * Source: spdk:lib/blob/blobstore.c, blob_bs_dev.c, zeroes.c (read at longhorn/spdk 1975133e).
 */
export class Lvol {
  name: string;
  readonly uuid: string;
  readonly store: LvolStore;
  readonly creationTime: string;
  readonly xattrs = new Map<string, string>();
  readonly clones = new Set<Lvol>();
  parent: LvolParent = noParent;
  isSnapshot = false;
  /** Set when the lvol is deleted, so that a stale reference fails instead of reading a later tenant. */
  isDeleted = false;
  /** By cluster; undefined until they are registered. Only what the lvol itself owns has one. */
  rangeChecksums: ReadonlyMap<number, bigint> | undefined;
  /** How often a deleted parent's clusters came in. */
  merges = 0;
  table: Int32Array;
  allocatedClusters = 0;

  constructor(options: { name: string; uuid: string; store: LvolStore; sizeBytes: number; creationTime: string }) {
    this.name = options.name;
    this.uuid = options.uuid;
    this.store = options.store;
    this.creationTime = options.creationTime;
    this.table = new Int32Array(Math.ceil(options.sizeBytes / clusterBytes)).fill(hole);
  }

  get alias(): string {
    return `${this.store.name}/${this.name}`;
  }

  get sizeBytes(): number {
    return this.table.length * clusterBytes;
  }

  owns(index: number): boolean {
    return (this.table[index] ?? hole) !== hole;
  }

  ownedClusters(): number[] {
    const owned: number[] = [];
    this.table.forEach((cluster, index) => {
      if (cluster !== hole) owned.push(index);
    });
    return owned;
  }

  /** First owner of the cluster from here up the chain; past the end of a shorter parent there are zeros. */
  locate(index: number): ClusterPlace | undefined {
    if (this.isDeleted) throw new SpdkError('EIO', `lvol ${this.alias} was deleted`);
    const cluster = this.table[index] ?? hole;
    if (cluster !== hole) return { file: this.store.file, cluster };
    return this.locateInParent(index);
  }

  locateInParent(index: number): ClusterPlace | undefined {
    switch (this.parent.kind) {
      case 'none':
        return undefined;
      case 'snapshot':
        return this.parent.lvol.locate(index);
      case 'esnap':
        return this.parent.external.lvol().locate(index);
    }
  }

  /** Fills `target` with the bytes at `offset`. */
  read(offset: number, target: Uint8Array): void {
    this.#forEachCluster(offset, target.length, (index, within, start, length) => {
      const part = target.subarray(start, start + length);
      const place = this.locate(index);
      if (place === undefined) part.fill(0);
      else place.file.read(place.cluster, within, part);
    });
  }

  /** Whether nobody in the chain owns any cluster of the range: it reads as zeros without touching a disk. */
  isHole(offset: number, length: number): boolean {
    const last = Math.floor((offset + length - 1) / clusterBytes);
    for (let index = Math.floor(offset / clusterBytes); index <= last; index++) {
      if (this.locate(index) !== undefined) return false;
    }
    return true;
  }

  /** The first write to a cluster that is not owned copies the whole cluster from the parent, whatever its length. */
  write(offset: number, data: Uint8Array): void {
    this.#assertWritable(offset, data.length);
    this.#forEachCluster(offset, data.length, (index, within, start, length) => {
      const part = data.subarray(start, start + length);
      if (this.owns(index)) this.store.file.write(this.table[index] ?? hole, within, part);
      else this.#writeFresh(index, within, part);
    });
  }

  /** Zeros are written like any other data: a hole gets a cluster, also when nothing but zeros is below. */
  writeZeroes(offset: number, length: number): void {
    this.#assertWritable(offset, length);
    this.#forEachCluster(offset, length, (index, within, _start, part) => {
      this.write(index * clusterBytes + within, zeroCluster.subarray(0, part));
    });
  }

  /**
   * Frees each whole owned cluster when what would show below is the zeroes device. Anything else stays as it is: an
   * AIO disk has no unmap to pass it on to.
   */
  unmap(offset: number, length: number): void {
    this.#assertWritable(offset, length);
    this.#forEachCluster(offset, length, (index, _within, _start, part) => {
      const whole = part === clusterBytes;
      const frees = whole && this.owns(index) && this.parent.kind === 'none';
      const decided = this.store.hooks.unmap?.({ lvol: this, index, whole, frees }) ?? (frees ? 'free' : 'keep');
      if (decided === 'free' && this.owns(index)) this.releaseCluster(index);
    });
  }

  /** Gives a hole a cluster and fills it as a whole; the copy of a rebuild comes in this way. */
  adoptCluster(index: number, content: Uint8Array): void {
    if (this.isDeleted) throw new SpdkError('EIO', `lvol ${this.alias} was deleted`);
    if (!this.owns(index)) this.#allocate(index);
    this.store.file.write(this.table[index] ?? hole, 0, content);
  }

  releaseCluster(index: number): void {
    this.store.file.release(this.table[index] ?? hole);
    this.table[index] = hole;
    this.allocatedClusters -= 1;
  }

  resize(sizeBytes: number): void {
    const clusters = Math.ceil(sizeBytes / clusterBytes);
    for (let index = clusters; index < this.table.length; index++) {
      if (this.owns(index)) this.releaseCluster(index);
    }
    const table = new Int32Array(clusters).fill(hole);
    table.set(this.table.subarray(0, clusters));
    this.table = table;
  }

  #writeFresh(index: number, within: number, part: Uint8Array): void {
    const place = part.length === clusterBytes ? undefined : this.locateInParent(index);
    const backing = this.parent.kind;
    const fill =
      this.store.hooks.freshCluster?.({ lvol: this, index, within, length: part.length, backing }) ?? 'parent';
    // Reading first: a parent that cannot be read must not leave an allocated cluster behind.
    if (place !== undefined && fill === 'parent') place.file.read(place.cluster, 0, scratch);
    else if (typeof fill === 'string') scratch.fill(0);
    else scratch.set(fill);
    this.#allocate(index);
    const cluster = this.table[index] ?? hole;
    const untouched = place === undefined && !this.store.file.lastAllocationWasUsed;
    // The file is sparse: zeros in a place that was never written need no write.
    if (untouched && typeof fill === 'string' && part.buffer === zeroCluster.buffer) return;
    if ((untouched && typeof fill === 'string') || fill === 'leave' || part.length === clusterBytes) {
      this.store.file.write(cluster, within, part);
      return;
    }
    scratch.set(part, within);
    this.store.file.write(cluster, 0, scratch);
  }

  #allocate(index: number): void {
    this.table[index] = this.store.file.allocate();
    this.allocatedClusters += 1;
  }

  #assertWritable(offset: number, length: number): void {
    if (this.isDeleted) throw new SpdkError('EIO', `lvol ${this.alias} was deleted`);
    if (this.isSnapshot) throw new SpdkError('EPERM', `lvol ${this.alias} is a snapshot and cannot be written`);
    if (offset < 0 || offset + length > this.sizeBytes) {
      throw new SpdkError('EINVAL', `range ${offset}+${length} is outside ${this.alias} of ${this.sizeBytes} bytes`);
    }
  }

  #forEachCluster(
    offset: number,
    length: number,
    visit: (index: number, within: number, start: number, length: number) => void,
  ): void {
    for (let start = 0; start < length;) {
      const index = Math.floor((offset + start) / clusterBytes);
      const within = offset + start - index * clusterBytes;
      const part = Math.min(length - start, clusterBytes - within);
      visit(index, within, start, part);
      start += part;
    }
  }
}
