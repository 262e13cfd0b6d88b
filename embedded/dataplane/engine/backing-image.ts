import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clusterBytes } from '../blobstore/cluster-file.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { BackingImageInfo } from '../contract.ts';
import { backingImageLvolName, temporaryHeadName } from '../lvol-names.ts';
import type { BackingImageOptions } from '../options.ts';
import { type NodeServices, storeByUuid } from './services.ts';

/** How another node's copy is found when this one is made from it. */
export type PeerImages = (nodeName: string) => NodeServices;

/**
 * One disk's copy of a backing image: written to a temporary head in pieces (those of zeros left out, so the copy is
 * thin), read back for its checksum, then frozen into the snapshot `bi-<name>-disk-<lvstore uuid>`.
 * Source: longhorn-spdk-engine:pkg/spdk/backing_image.go@44753b56.
 */
export class BackingImageCopy {
  readonly #services: NodeServices;
  readonly #options: BackingImageOptions;
  #state: BackingImageInfo['state'] = 'starting';
  #processedBytes = 0;
  #currentChecksum = '';
  #errorMessage = '';
  #done: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #abort = new AbortController();

  constructor(services: NodeServices, options: BackingImageOptions) {
    this.#services = services;
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get lvolName(): string {
    return backingImageLvolName(this.#options.name, this.#options.lvstoreUuid);
  }

  /** The frozen copy; undefined until it is made, and after somebody deleted it. */
  lvol(): Lvol | undefined {
    return storeByUuid(this.#services, this.#options.lvstoreUuid).find(this.lvolName);
  }

  start(peer: PeerImages): void {
    this.#done = this.#run(peer);
  }

  async #run(peer: PeerImages): Promise<void> {
    let outcome: 'ready' | 'failed' = 'ready';
    try {
      await this.#prepare(peer);
    } catch (error) {
      outcome = 'failed';
      this.#errorMessage = error instanceof Error ? error.message : String(error);
    }
    // Nobody sees a ready copy whose snapshot does not exist yet.
    if (!this.#closed) this.#freeze(outcome);
    this.#state = outcome;
  }

  info(): BackingImageInfo {
    const { name, backingImageUuid, lvstoreUuid, sizeBytes } = this.#options;
    const progress = this.#state === 'ready' ? 100 : Math.floor((this.#processedBytes / Math.max(sizeBytes, 1)) * 100);
    return {
      name,
      backingImageUuid,
      lvstoreUuid,
      lvolName: this.lvolName,
      sizeBytes,
      progress: Math.min(progress, 100),
      state: this.#state,
      currentChecksum: this.#currentChecksum,
      errorMessage: this.#errorMessage,
    };
  }

  /** Ends a copy in progress; what is on the disk stays as it is. */
  async stop(): Promise<void> {
    this.#closed = true;
    this.#abort.abort(new Error(`the data plane was closed while backing image ${this.name} was copied`));
    await this.#done;
  }

  /** Stops a copy in progress and deletes the lvols. */
  async delete(): Promise<void> {
    this.#abort.abort(new Error(`backing image ${this.name} was deleted`));
    await this.#done;
    const store = storeByUuid(this.#services, this.#options.lvstoreUuid);
    this.#services.nvmf.stopExposing(this.lvolName);
    for (const name of [temporaryHeadName(this.name, store.uuid), this.lvolName]) {
      const lvol = store.find(name);
      if (lvol !== undefined) store.delete(lvol);
    }
  }

  async #prepare(peer: PeerImages): Promise<void> {
    const { name, lvstoreUuid, sizeBytes, checksum } = this.#options;
    const store = storeByUuid(this.#services, lvstoreUuid);
    const headName = temporaryHeadName(name, lvstoreUuid);
    const wholeMib = Math.floor(sizeBytes / clusterBytes) * clusterBytes;
    const lvolBytes =
      this.#services.hooks.lvolSizeBytes?.({ lvstoreUuid, lvolName: headName, wantedBytes: wholeMib }) ?? wholeMib;
    const head = store.create(headName, lvolBytes);
    for await (const chunk of this.#chunks(peer)) {
      this.#abort.signal.throwIfAborted();
      this.#state = 'in-progress';
      this.#take(head, chunk);
      await nextTurn();
    }
    if (this.#processedBytes !== sizeBytes) {
      throw new Error(`processed data size ${this.#processedBytes} does not match the expected file size ${sizeBytes}`);
    }
    this.#currentChecksum = await this.#contentChecksum(head, lvolBytes);
    if (checksum !== '' && this.#currentChecksum !== checksum) {
      throw new Error(`current checksum ${this.#currentChecksum} does not match the expected checksum ${checksum}`);
    }
    void this.#services.hooks.event?.({ kind: 'image-copied', image: name, lvstoreUuid, lvol: head });
  }

  #take(head: Lvol, chunk: Uint8Array): void {
    const { name, lvstoreUuid } = this.#options;
    const offset = this.#processedBytes;
    const content = this.#services.hooks.imageChunk?.({ image: name, lvstoreUuid, offset, content: chunk }) ?? chunk;
    if (!isAllZero(content)) head.write(offset, content);
    this.#processedBytes += chunk.length;
  }

  /** The source in pieces of one MiB at MiB boundaries (the last one may be shorter). */
  async *#chunks(peer: PeerImages): AsyncGenerator<Uint8Array> {
    const { source, sizeBytes } = this.#options;
    if (source.kind === 'stream') {
      yield* regrouped(source.content);
      return;
    }
    const copy = peer(source.nodeName).images.get(backingImageLvolName(this.name, source.lvstoreUuid));
    const lvol = copy?.lvol();
    if (lvol === undefined)
      throw new Error(
        `no ready copy of backing image ${this.name} on node ${source.nodeName} disk ${source.lvstoreUuid}`,
      );
    const piece = Buffer.alloc(clusterBytes);
    for (let offset = 0; offset < sizeBytes; offset += clusterBytes) {
      const part = piece.subarray(0, Math.min(clusterBytes, sizeBytes - offset));
      lvol.read(offset, part);
      yield part;
    }
  }

  async #contentChecksum(head: Lvol, lengthBytes: number): Promise<string> {
    const hash = createHash('sha512');
    const piece = Buffer.alloc(clusterBytes);
    for (let offset = 0; offset < lengthBytes; offset += clusterBytes) {
      this.#abort.signal.throwIfAborted();
      head.read(offset, piece);
      hash.update(piece);
      await nextTurn();
    }
    return hash.digest('hex');
  }

  /** Also a failed copy becomes a snapshot; its state is in an xattr, for a target that starts anew. */
  #freeze(state: 'ready' | 'failed'): void {
    const { name, lvstoreUuid, checksum, backingImageUuid } = this.#options;
    const store = storeByUuid(this.#services, lvstoreUuid);
    const head = store.find(temporaryHeadName(name, lvstoreUuid));
    if (head === undefined) return;
    const prefix = this.#services.profile.backingImageXattrPrefix;
    store.snapshot(head, this.lvolName, {
      [`${prefix}checksum`]: checksum,
      [`${prefix === '' ? 'backing_image_' : prefix}uuid`]: backingImageUuid,
      [`${prefix === '' ? 'backing_image_' : prefix}prepare_state`]: state,
    });
    store.delete(head);
  }
}

async function* regrouped(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(clusterBytes);
  let filled = 0;
  for await (const chunk of content) {
    for (let used = 0; used < chunk.length;) {
      const count = Math.min(clusterBytes - filled, chunk.length - used);
      piece.set(chunk.subarray(used, used + count), filled);
      filled += count;
      used += count;
      if (filled < clusterBytes) continue;
      yield piece;
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

const zeros = Buffer.alloc(clusterBytes);

function isAllZero(content: Uint8Array): boolean {
  return zeros.compare(content, 0, content.length, 0, content.length) === 0;
}
