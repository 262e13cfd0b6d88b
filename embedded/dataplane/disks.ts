import { join } from 'node:path';
import { clusterBytes } from './blobstore/cluster-file.ts';
import { SpdkError } from './blobstore/errors.ts';
import { Lvstore } from './blobstore/lvstore.ts';
import type { DiskInfo } from './contract.ts';
import type { NodeServices } from './engine/services.ts';
import type { DiskOptions } from './options.ts';

/** The disks of one node: which lvstore is on which device. */
export class NodeDisks {
  readonly #services: NodeServices;
  /** Of the device, by the disk's name. */
  readonly #paths = new Map<string, string>();
  /** Lvstores of disks that were taken away, by the path of their device. */
  readonly #unplugged = new Map<string, Lvstore>();
  #lvstoresMade = 0;

  constructor(services: NodeServices) {
    this.#services = services;
  }

  path(diskName: string): string {
    return this.#paths.get(diskName) ?? '';
  }

  /** Makes an lvstore, or finds the one that was on the device. @throws SpdkError EEXIST for a name that is taken */
  create(options: DiskOptions): DiskInfo {
    const { diskName, path, sizeBytes, blockBytes } = options;
    if (this.#services.stores.has(diskName))
      throw new SpdkError('EEXIST', `disk ${diskName} already exists on node ${this.#services.nodeName}`);
    const known = this.#unplugged.get(path);
    this.#unplugged.delete(path);
    if (known !== undefined) return this.#plug(known, diskName, path);
    const store = new Lvstore({
      name: diskName,
      filePath: join(this.#services.directory, `${this.#lvstoresMade++}.disk`),
      sizeBytes,
      blockBytes: blockBytes === 0 ? 4096 : blockBytes,
      seed: `${this.#services.seed}/${this.#services.nodeName}`,
      timestamp: () => this.#services.clock.timestamp(),
      hooks: this.#services.hooks,
    });
    this.#services.hooks.diskCreated?.(store);
    return this.#plug(store, diskName, path);
  }

  /** The lvstore stays on the device: whoever adds that again finds it (longhorn-spdk-engine:pkg/spdk/disk.go@44753b56). */
  delete(diskName: string): void {
    const store = this.#services.stores.get(diskName);
    if (store === undefined) return;
    this.#unplugged.set(this.path(diskName), store);
    this.#services.stores.delete(diskName);
    this.#paths.delete(diskName);
  }

  get(diskName: string): DiskInfo | undefined {
    const store = this.#services.stores.get(diskName);
    return store === undefined ? undefined : this.#info(store);
  }

  /** Removes every lvstore from this machine. */
  async close(): Promise<void> {
    for (const store of [...this.#services.stores.values(), ...this.#unplugged.values()]) await store.remove();
    this.#services.stores.clear();
  }

  #plug(store: Lvstore, diskName: string, path: string): DiskInfo {
    store.name = diskName;
    this.#services.stores.set(diskName, store);
    this.#paths.set(diskName, path);
    return this.#info(store);
  }

  #info(store: Lvstore): DiskInfo {
    return {
      diskName: store.name,
      lvstoreUuid: store.uuid,
      path: this.path(store.name),
      totalBytes: store.file.totalClusters * clusterBytes,
      freeBytes: store.file.freeClusters * clusterBytes,
      clusterBytes,
      blockBytes: store.blockBytes,
    };
  }
}
