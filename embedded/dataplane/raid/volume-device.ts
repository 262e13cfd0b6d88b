import type { DataPlaneHooks } from '../../faults/hooks.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { NvmeBdev } from '../nvmf/nvmf-target.ts';
import type { SeededRandom } from '../random.ts';
import { writeToBaseBdev, type WriteRequest } from './base-bdev-write.ts';
import { IoGate } from './io-gate.ts';
import { type Raid1, ReadCounters } from './raid1.ts';
import type { Reactor } from './reactor.ts';
import { maxTransferBytes, serviceMicroseconds } from './service-time.ts';

/** The thread that a node's I/O runs on. */
export interface SpdkThread {
  readonly reactor: Reactor;
  readonly random: SeededRandom;
}

/** A stretch of a completed read: where its bytes come from. */
export interface ReadPart {
  readonly offset: number;
  readonly length: number;
  readonly slot: number;
  readonly isHole: boolean;
}

export interface CompletedRead {
  readonly parts: readonly ReadPart[];
  /** Must be called once, when the host has been given the bytes: until then the commands count as outstanding. */
  readonly delivered: () => void;
}

export interface VolumeDeviceOptions {
  engineName: string;
  raid: Raid1;
  hooks: DataPlaneHooks;
  thread: SpdkThread;
  blockBytes: number;
  /** A base bdev answered a write with an error; the raid has dropped it already. */
  onBaseBdevFailed: (bdev: NvmeBdev, error: unknown) => void;
}

/**
 * The block device of one engine as its host sees it: requests are cut into commands of at most 128 KiB, all outstanding
 * at once; each read goes to one base bdev by raid1's rule, each write to all. Requests wait while it is suspended.
 */
export class VolumeDevice {
  readonly raid: Raid1;
  readonly gate = new IoGate();
  readonly #options: VolumeDeviceOptions;
  /** The raid's I/O channel on the node's thread. */
  readonly #counters = new ReadCounters();
  #halted = false;

  constructor(options: VolumeDeviceOptions) {
    this.#options = options;
    this.raid = options.raid;
  }

  get sizeBytes(): number {
    const { engineName, hooks } = this.#options;
    const wantedBytes = this.raid.sizeBytes;
    return hooks.deviceSizeBytes?.({ engineName, wantedBytes }) ?? wantedBytes;
  }

  /**
   * Resolves when every command of the request has run its time, with the parts in order. The caller fetches the bytes
   * with `fetch` at once, before it awaits anything else. EIO when no base bdev is left.
   */
  async read(connection: number, offset: number, length: number): Promise<CompletedRead> {
    await this.gate.enter();
    try {
      return await this.#readCommands(connection, offset, length);
    } finally {
      this.gate.leave();
    }
  }

  /** The target died: nothing that is on its way reaches a base bdev any more, and nothing is acknowledged. */
  halt(): void {
    this.#halted = true;
  }

  /** Reads a part's bytes; when its base bdev fails, the others are tried in slot order, as raid1 does. */
  fetch(part: ReadPart, target: Uint8Array): void {
    const others = this.raid.configuredSlots().filter((slot) => slot !== part.slot);
    let lost: unknown;
    for (const slot of [part.slot, ...others]) {
      try {
        this.#answering(slot, part.offset, target.length).read(part.offset, target);
        const { engineName, hooks } = this.#options;
        hooks.fetched?.({ engineName, replica: this.#base(slot).name, offset: part.offset, target });
        return;
      } catch (error) {
        lost = error;
      }
    }
    throw new SpdkError('EIO', `raid bdev ${this.raid.name}: no base bdev can read ${part.offset}+${part.length}`, {
      cause: lost,
    });
  }

  /** Whether every replica would answer the range with zeros that no lvol holds. */
  isHole(offset: number, length: number): boolean {
    return this.raid.configuredSlots().every((slot) => this.#isHoleOn(slot, offset, length));
  }

  /** Resolves when every base bdev that is left has the data. EIO when none is left. */
  async write(connection: number, request: WriteRequest): Promise<void> {
    await this.gate.enter();
    try {
      const written = await this.#writeToAll(connection, request);
      const { thread } = this.#options;
      await new Promise<void>((resolve) => {
        thread.reactor.submit(serviceMicroseconds(Math.min(request.length, maxTransferBytes), thread.random), resolve);
      });
      this.#requireRunning();
      void this.#options.hooks.event?.({
        kind: 'write-acked',
        engineName: this.#options.engineName,
        connection,
        offset: request.offset,
        length: request.length,
        replicas: written,
      });
    } finally {
      this.gate.leave();
    }
  }

  #requireRunning(): void {
    if (this.#halted) throw new SpdkError('EIO', `raid bdev ${this.raid.name} is gone`);
  }

  #readCommands(connection: number, offset: number, length: number): Promise<CompletedRead> {
    const { engineName, hooks, blockBytes, thread } = this.#options;
    this.#requireRunning();
    const configured = this.raid.configuredSlots();
    const slots = hooks.channelSlots?.({ engineName, connection, configured }) ?? configured;
    if (slots.length === 0) throw new SpdkError('EIO', `raid bdev ${this.raid.name} has no base bdev`);
    const parts: ReadPart[] = [];
    const counters = this.#counters;
    const delivered = (): void => {
      for (const part of parts) counters.ended(part.slot, part.length / blockBytes);
    };
    return new Promise((resolve) => {
      let outstanding = Math.ceil(length / maxTransferBytes);
      for (let start = 0; start < length; start += maxTransferBytes) {
        const part = { offset: offset + start, length: Math.min(maxTransferBytes, length - start) };
        const slot = counters.choose(slots);
        counters.started(slot, part.length / blockBytes);
        const isHole = this.#isHoleOn(slot, part.offset, part.length);
        parts.push({ ...part, slot, isHole });
        if (hooks.event !== undefined) {
          void hooks.event({
            kind: 'raid-read',
            engineName,
            connection,
            slot,
            replica: this.#base(slot).name,
            ...part,
          });
        }
        const transferred = isHole ? 0 : part.length;
        const held = hooks.readDelay?.({ engineName, replica: this.#base(slot).name, slot, ...part });
        const done = (): void => {
          outstanding -= 1;
          if (outstanding === 0) resolve({ parts, delivered });
        };
        thread.reactor.submit(serviceMicroseconds(transferred, thread.random), () => {
          if (held === undefined) done();
          else void held.then(done);
        });
      }
    });
  }

  #answering(slot: number, offset: number, length: number): Lvol {
    const { engineName, hooks } = this.#options;
    const { name, lvol } = { name: this.#base(slot).name, lvol: this.#base(slot).lvol() };
    return hooks.baseBdevRead?.({ engineName, replica: name, slot, offset, length, lvol }) ?? lvol;
  }

  #isHoleOn(slot: number, offset: number, length: number): boolean {
    try {
      return this.#base(slot).lvol().isHole(offset, length);
    } catch {
      // A lost base bdev is noticed when the bytes are fetched.
      return false;
    }
  }

  async #writeToAll(connection: number, request: WriteRequest): Promise<string[]> {
    this.#requireRunning();
    const written: string[] = [];
    const slow: Promise<void>[] = [];
    for (const slot of this.raid.configuredSlots()) {
      const bdev = this.#base(slot);
      const done = (): void => {
        written.push(bdev.name);
      };
      const failed = (error: unknown): void => {
        if (this.#halted) return;
        this.raid.remove(bdev.bdevName);
        this.#options.onBaseBdevFailed(bdev, error);
      };
      try {
        const later = writeToBaseBdev(
          {
            engineName: this.#options.engineName,
            connection,
            slot,
            bdev,
            hooks: this.#options.hooks,
            requireRunning: () => {
              this.#requireRunning();
            },
          },
          request,
        );
        if (later === undefined) done();
        else slow.push(later.then(done, failed));
      } catch (error) {
        failed(error);
      }
    }
    await Promise.all(slow);
    this.#requireRunning();
    if (written.length === 0) {
      throw new SpdkError(
        'EIO',
        `raid bdev ${this.raid.name}: no base bdev took the write at ${request.offset}+${request.length}`,
      );
    }
    return written;
  }

  #base(slot: number): NvmeBdev {
    const bdev = this.raid.slots[slot];
    if (bdev === undefined) throw new SpdkError('EIO', `slot ${slot} of raid bdev ${this.raid.name} is empty`);
    return bdev;
  }
}
