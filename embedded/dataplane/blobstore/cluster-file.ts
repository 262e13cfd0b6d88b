import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { SpdkError } from './errors.ts';

/** Longhorn's lvstores have 1 MiB clusters (longhorn-spdk-engine:pkg/spdk/disk.go@44753b56). */
export const clusterBytes = 1024 * 1024;
const metadataPageBytes = 4096;

/**
 * One disk: a sparse file of clusters and the map of which are taken. The blobstore's own metadata is not stored; the
 * clusters it would take at the start of the disk are left out of use, so that counts equal a real lvstore's.
 * A released cluster keeps its bytes until somebody writes it again.
 */
export class ClusterFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly totalClusters: number;
  readonly #metadataClusters: number;
  readonly #descriptor: number;
  /** 0 never used, 1 taken, 2 released with a former owner's bytes in it. */
  readonly #state: Uint8Array;
  #freeClusters: number;
  #lowestFree = 0;

  constructor(path: string, sizeBytes: number) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    const clusters = Math.floor(sizeBytes / clusterBytes);
    this.#metadataClusters = Math.ceil((metadataPages(clusters) * metadataPageBytes) / clusterBytes);
    this.totalClusters = clusters - this.#metadataClusters;
    if (this.totalClusters < 1) {
      throw new SpdkError('EINVAL', `a disk of ${sizeBytes} bytes has no room for a cluster; give it at least 8 MiB`);
    }
    this.#state = new Uint8Array(this.totalClusters);
    this.#freeClusters = this.totalClusters;
    this.#descriptor = openSync(path, 'w+', 0o600);
    ftruncateSync(this.#descriptor, sizeBytes);
  }

  get freeClusters(): number {
    return this.#freeClusters;
  }

  /** Takes the lowest free cluster, as SPDK's bit pool does. Its bytes are whatever is there. */
  allocate(): number {
    for (let cluster = this.#lowestFree; cluster < this.totalClusters; cluster++) {
      if (this.#state[cluster] === 1) continue;
      this.#lowestFree = cluster + 1;
      this.#freeClusters -= 1;
      this.#wasUsed = this.#state[cluster] === 2;
      this.#state[cluster] = 1;
      return cluster;
    }
    throw new SpdkError('ENOSPC', `no free cluster of ${this.totalClusters} on ${this.path}`);
  }
  #wasUsed = false;

  /** Whether the cluster that `allocate` just gave holds bytes of a former owner; a fresh one reads as zeros. */
  get lastAllocationWasUsed(): boolean {
    return this.#wasUsed;
  }

  release(cluster: number): void {
    if (this.#state[cluster] !== 1) throw new SpdkError('EINVAL', `cluster ${cluster} of ${this.path} is not taken`);
    this.#state[cluster] = 2;
    this.#freeClusters += 1;
    this.#lowestFree = Math.min(this.#lowestFree, cluster);
  }

  read(cluster: number, offset: number, target: Uint8Array): void {
    const position = this.#position(cluster) + offset;
    let done = 0;
    while (done < target.length) {
      const count = readSync(this.#descriptor, target, done, target.length - done, position + done);
      if (count === 0) throw new SpdkError('EIO', `short read at ${position + done} of ${this.path}`);
      done += count;
    }
  }

  write(cluster: number, offset: number, data: Uint8Array): void {
    const position = this.#position(cluster) + offset;
    let done = 0;
    while (done < data.length) {
      done += writeSync(this.#descriptor, data, done, data.length - done, position + done);
    }
  }

  /** Writes a former tenant's bytes into a cluster that nobody owns; used to lay out a disk that was in use before. */
  soil(cluster: number, data: Uint8Array): void {
    if (this.#state[cluster] === 1) throw new SpdkError('EBUSY', `cluster ${cluster} of ${this.path} is taken`);
    this.#state[cluster] = 2;
    this.write(cluster, 0, data);
  }

  async remove(): Promise<void> {
    closeSync(this.#descriptor);
    await unlink(this.path);
  }

  #position(cluster: number): number {
    return (this.#metadataClusters + cluster) * clusterBytes;
  }
}

/** Super block, three masks, and one metadata page per cluster (spdk:lib/blob/blobstore.c, spdk_bs_init). */
function metadataPages(clusters: number): number {
  const maskPages = Math.ceil(clusters / 8 / metadataPageBytes);
  return 1 + 3 * maskPages + clusters;
}
