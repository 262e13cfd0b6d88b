import { SpdkError } from '../blobstore/errors.ts';
import type { NvmeBdev } from '../nvmf/nvmf-target.ts';

/** The slots of a raid1 bdev. A removed base bdev leaves a hole that the next one fills. */
export class Raid1 {
  readonly name: string;
  readonly uuid: string;
  sizeBytes: number;
  readonly slots: (NvmeBdev | undefined)[];

  constructor(name: string, uuid: string, baseBdevs: readonly NvmeBdev[]) {
    this.name = name;
    this.uuid = uuid;
    this.slots = [...baseBdevs];
    this.sizeBytes = Math.min(...baseBdevs.map((bdev) => bdev.lvol().sizeBytes));
  }

  /** The first hole, else a new slot at the end (spdk:module/bdev/raid/bdev_raid.c, grow_base_bdev_get_slot). */
  grow(bdev: NvmeBdev): number {
    if (bdev.lvol().sizeBytes < this.sizeBytes) {
      throw new SpdkError('EINVAL', `base bdev ${bdev.bdevName} is smaller than raid bdev ${this.name}`);
    }
    const firstHole = this.slots.indexOf(undefined);
    const slot = firstHole === -1 ? this.slots.length : firstHole;
    this.slots[slot] = bdev;
    return slot;
  }

  /** Deletes the raid bdev and makes it anew from these: name and UUID stay, size and slots are what they now are. */
  recreate(baseBdevs: readonly NvmeBdev[]): void {
    this.slots.splice(0, this.slots.length, ...baseBdevs);
    this.sizeBytes = Math.min(...baseBdevs.map((bdev) => bdev.lvol().sizeBytes));
  }

  remove(bdevName: string): NvmeBdev | undefined {
    const slot = this.slots.findIndex((bdev) => bdev?.bdevName === bdevName);
    const removed = this.slots[slot];
    if (removed !== undefined) this.slots[slot] = undefined;
    return removed;
  }

  configuredSlots(): number[] {
    return this.slots.flatMap((bdev, slot) => (bdev === undefined ? [] : [slot]));
  }
}

/**
 * Outstanding read blocks per slot of one raid bdev on one SPDK thread. Connections on the same reactor share them.
 * Writes are not counted.
 */
export class ReadCounters {
  readonly #outstanding: number[] = [];

  /**
   * Fewest outstanding blocks wins, the lowest slot on a tie (spdk:module/bdev/raid/raid1.c:284-313). `slots` are
   * ascending and at least one.
   */
  choose(slots: readonly number[]): number {
    return slots.reduce((best, slot) =>
      (this.#outstanding[slot] ?? 0) < (this.#outstanding[best] ?? 0) ? slot : best,
    );
  }

  started(slot: number, blocks: number): void {
    this.#outstanding[slot] = (this.#outstanding[slot] ?? 0) + blocks;
  }

  ended(slot: number, blocks: number): void {
    this.#outstanding[slot] = (this.#outstanding[slot] ?? 0) - blocks;
  }
}
