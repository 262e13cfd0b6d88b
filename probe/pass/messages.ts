import type { RingLayout } from './ring.ts';

/** What the digesting thread is started with. `memory` is shared: what the requests fill is what it reads. */
export interface DigestJob {
  readonly memory: Uint8Array;
  readonly layout: RingLayout;
  readonly sizeBytes: number;
}

/** To the thread: everything before this offset is in memory. Sent until it is the device's size. */
export interface Filled {
  readonly filledBytes: number;
}

/** From the thread: it needs nothing before `consumedBytes` any more; with the digest when it is done. */
export interface Consumed {
  readonly consumedBytes: number;
  readonly sha256?: string;
}
