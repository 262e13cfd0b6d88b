import { mibBytes, sectorBytes } from './geometry.ts';
import { makeImageExtents, smallestImageMib } from './image-layout.ts';
import { makePassShapes } from './pass-shapes.ts';
import { mainScenario, type ImageFormat, type Plan } from './plan.ts';
import { seededRandom } from './seeded-random.ts';
import { makeWrites } from './write-layout.ts';

/** The options cannot make a plan; `message` is one line for the person who chose them. */
export class InvalidPlanOptions extends Error {
  override readonly name = 'InvalidPlanOptions';
}

export interface PlanOptions {
  /** Default: the main one. */
  readonly scenario?: string;
  readonly seed: string;
  readonly imageFormat: ImageFormat;
  /** What the volume's replicas hang on; default: a backing image. */
  readonly sharedParent?: 'backing-image' | 'linked-clone';
  /** A multiple of 512, at least 16 MiB. Longhorn itself rounds up to 2 MiB: ask for what it will give. */
  readonly volumeSizeBytes: number;
  readonly replicaCount: number;
  /** Passes after the rebuild, 1 to 1000. */
  readonly reads: number;
  /** Whole MiB, at least 8 MiB, at least 4 MiB less than the volume. Default 64 MiB, or half of a small volume. */
  readonly imageSizeBytes?: number;
}

const smallestVolumeBytes = 16 * mibBytes;
const largestUsualImageBytes = 64 * mibBytes;
/** Clusters behind the image: its edge, small writes, a whole cluster, the last one. */
const smallestTailBytes = 4 * mibBytes;
const mostReads = 1000;

/** The image's size where none is asked for. */
export function usualImageBytes(volumeSizeBytes: number): number {
  return Math.min(largestUsualImageBytes, Math.floor(volumeSizeBytes / 2 / mibBytes) * mibBytes);
}

function requireValid(options: PlanOptions, imageSizeBytes: number): void {
  const { seed, volumeSizeBytes, replicaCount, reads } = options;
  const require = (holds: boolean, message: string): void => {
    if (!holds) throw new InvalidPlanOptions(message);
  };
  require(seed.length > 0, 'the seed is empty; give any text');
  require(Number.isSafeInteger(volumeSizeBytes) &&
    volumeSizeBytes % sectorBytes ===
      0, `the volume size must be a whole number of 512-byte sectors, not ${volumeSizeBytes} bytes`);
  require(volumeSizeBytes >=
    smallestVolumeBytes, `the volume must have at least 16 MiB to hold every kind of range, not ${volumeSizeBytes} bytes`);
  require(Number.isInteger(imageSizeBytes / mibBytes) &&
    imageSizeBytes >=
      smallestImageMib *
        mibBytes, `the image must be a whole number of MiB, at least ${smallestImageMib}, not ${imageSizeBytes} bytes`);
  require(imageSizeBytes + smallestTailBytes <=
    volumeSizeBytes, `the volume (${volumeSizeBytes} bytes) must be at least 4 MiB larger than the image (${imageSizeBytes} bytes)`);
  require(Number.isSafeInteger(replicaCount) &&
    replicaCount >= 1 &&
    replicaCount <= 20, `the number of replicas must be 1 to 20, not ${replicaCount}`);
  require(Number.isInteger(reads) &&
    reads >= 1 &&
    reads <= mostReads, `the number of reads after the rebuild must be 1 to ${mostReads}, not ${reads}`);
}

/**
 * Decides everything a run leaves to choice. The same options give the same plan, on every machine and for ever.
 *
 * @throws {InvalidPlanOptions} when the options cannot make a plan
 */
export function makePlan(options: PlanOptions): Plan {
  const imageSizeBytes = options.imageSizeBytes ?? usualImageBytes(options.volumeSizeBytes);
  requireValid(options, imageSizeBytes);
  const { scenario = mainScenario, seed, imageFormat, volumeSizeBytes, replicaCount, reads } = options;
  const extents = makeImageExtents(imageSizeBytes / mibBytes, seededRandom(seed, 'image'));
  return {
    scenario,
    seed,
    ...(options.sharedParent === 'linked-clone' ? { sharedParent: 'linked-clone' as const } : {}),
    image: { format: imageFormat, sizeBytes: imageSizeBytes, extents },
    volume: { sizeBytes: volumeSizeBytes, replicaCount },
    writes: makeWrites({ extents, imageSizeBytes, volumeSizeBytes, random: seededRandom(seed, 'writes') }),
    victimIndex: seededRandom(seed, 'victim').int(0, replicaCount),
    passes: makePassShapes(seededRandom(seed, 'passes'), reads),
  };
}
