import type { Fingerprint, Plan, WrongBlock } from '../../helpers/oracle/plan.ts';
import type { RingLayout } from './ring.ts';

/** What a digesting thread is started with. `memory` is shared: what the requests fill is what it reads. */
export interface DigestJob {
  readonly role: 'device' | 'mibs';
  readonly memory: Uint8Array;
  readonly layout: RingLayout;
  readonly sizeBytes: number;
  readonly plan: Plan;
  readonly expected: Fingerprint;
  /** Most bytes of wrong MiBs to look into. */
  readonly inspectLimitBytes: number;
}

/** To a thread: everything before this offset is in memory. Sent until it is the device's size. */
export interface Filled {
  readonly filledBytes: number;
}

/** From a thread: it needs nothing before `consumedBytes` any more; with a result when it is done. */
export type Consumed = { readonly consumedBytes: number; readonly device?: DeviceDigest; readonly mibs?: MibDigests };

export interface DeviceDigest {
  readonly sha256: string;
}

export interface MibDigests {
  readonly mibSha256: readonly string[];
  /** Complete, however much was inspected. */
  readonly wrongMibs: readonly number[];
  readonly wrongBlocks: readonly WrongBlock[];
  readonly inspectedBytes: number;
  /** Wrong MiBs were not inspected, or blocks not listed, because a limit was reached. */
  readonly truncated: boolean;
}
