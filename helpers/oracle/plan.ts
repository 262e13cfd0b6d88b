/**
 * A plan is everything a run decides before it touches a cluster. It follows from the seed and the options alone, is
 * printed and stored first, and can be replayed: same seed and options, same plan.
 */

import type { ChurnPlan } from './churn.ts';
import type { SnapshotPlan } from './snapshot-plan.ts';

/** What a stretch of the backing image is made of. `zeros` is allocated in the image file, `hole` is not. */
export type ImageExtentKind = 'data' | 'zeros' | 'hole';

export interface ImageExtent {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly kind: ImageExtentKind;
}

export type ImageFormat = 'raw' | 'qcow2';

export interface ImagePlan {
  readonly format: ImageFormat;
  /** Virtual size; a whole number of MiB, because the image's lvol is created in MiB units. */
  readonly sizeBytes: number;
  /** Ascending, gapless, covers `[0, sizeBytes)`. */
  readonly extents: readonly ImageExtent[];
}

/** `zeros` are written like data; `write-zeroes` and `discard` are commands of their own, without a payload. */
export type WriteKind = 'data' | 'zeros' | 'write-zeroes' | 'discard';

/** What a discarded sector may read as afterwards, beside what it held; `ones` are bytes of 0xff. */
export type DiscardedValue = 'zeros' | 'ones';

/** Whose a write is where there are several volumes: it signs what it writes. */
export type VolumeWriter = 'bystander' | `volume ${number}`;

/** One write to the volume. Generation 1 is the first content a range ever got from us. */
export interface PlannedWrite {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly kind: WriteKind;
  /** Of a discard, once that is known; absent: what was there. */
  readonly leaves?: DiscardedValue;
  readonly generation: number;
  /** Absent: the volume under test. */
  readonly writer?: VolumeWriter;
  /** Why this write is in the plan, e.g. `both sides of a cluster edge`. */
  readonly purpose: string;
}

/** How one pass reads the device. Identical passes are correlated, so these vary. */
export interface PassShape {
  readonly requestBytes: number;
  /** Length of the first, shorter request: shifts every later request. A multiple of 4096; 0 means none. */
  readonly phaseBytes: number;
  /** Requests in flight. */
  readonly depth: number;
  /** Whether some requests are made as many small ones, down to a sector, off the grid of pages. Absent: none. */
  readonly small?: 'some';
}

/** When a pass reads the device, in the order in which reports show it. */
export const passPhases = [
  'baseline',
  'degraded',
  'rebuilding',
  'rebuilt',
  'isolated',
  'source',
  'recovered',
  'reverted',
  'snapshot',
  'resized',
  'discarded',
  'bystander',
  'reattached',
  'isolated-second',
] as const;
export type PassPhase = (typeof passPhases)[number];

/** Phases that every plan names, be it with no passes. */
export type UsualPhase = Extract<PassPhase, 'baseline' | 'rebuilt' | 'isolated' | 'reattached'>;

export const mainScenario = 'ha-simple-recovery-with-backing-image';

export interface Plan {
  /** Name of the scenario that this is the plan of: its spec's file name without `.spec.ts`. */
  readonly scenario: string;
  readonly seed: string;
  readonly image: ImagePlan;
  /** The image's content comes from a volume that is cloned linked; absent: from a backing image. */
  readonly sharedParent?: 'linked-clone';
  /** What ends a rebuild half-way, where one is interrupted; absent: its replica is deleted. */
  readonly interruption?: string;
  readonly volume: { readonly sizeBytes: number; readonly replicaCount: number };
  /** How many such volumes are rebuilt at the same time; absent: the one under test. */
  readonly volumes?: number;
  /** The first stage of writes, `pattern`. */
  readonly writes: readonly PlannedWrite[];
  /** What is written later, by name; generations rise from stage to stage. */
  readonly stages?: Readonly<Record<string, readonly PlannedWrite[]>>;
  /** Writes that go on while something else happens. */
  readonly churn?: ChurnPlan;
  /** Snapshots that the user takes, and the revert between them. */
  readonly snapshots?: SnapshotPlan;
  /** Index of the replica to delete, into the replicas sorted by name. */
  readonly victimIndex: number;
  /** A verdict needs at least one result of each phase that is named here and not empty. */
  readonly passes: Readonly<
    Record<UsualPhase, readonly PassShape[]> & Partial<Record<PassPhase, readonly PassShape[]>>
  >;
}

/** What a sector of the volume should hold, seen from where its content comes from. */
export type RangeClass =
  'image-data' | 'image-zeros' | 'image-hole' | 'beyond-image' | 'written' | 'written-zeros' | 'discarded';

/** What stands where something else was expected. */
export type WrongByteKind =
  | 'zeros'
  | 'parent-shows-through'
  | 'older-generation'
  | 'other-offset'
  | 'other-volume'
  | 'torn'
  | 'garbage'
  | 'missing';

/** What a pass returns. `mibSha256[i]` digests bytes `[i MiB, min((i+1) MiB, byteCount))`. Lower-case hex. */
export interface Fingerprint {
  readonly byteCount: number;
  readonly sha256: string;
  readonly mibSha256: readonly string[];
}

/** A stretch of the device that is not what the oracle says, as small as the classification allows. */
export interface WrongBlock {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly rangeClass: RangeClass;
  readonly wrongByteKind: WrongByteKind;
  /** Where another version of the volume's own data stands in its place: which one. */
  readonly foundGeneration?: number | undefined;
  /** One line for a person, e.g. `expected image data of LBA 2048, found zeros`. */
  readonly detail: string;
}
