import { classify, wrongBlock, type ClassifyContext } from './classify.ts';
import { expectedContent, imageContent, mibCount, parentContent } from './content.ts';
import { digestOf, fingerprintOf } from './fingerprint.ts';
import { clusterBytes, mibBytes } from './geometry.ts';
import type { Fingerprint, Plan, RangeClass, WrongBlock } from './plan.ts';
import { seedTag } from './sector.ts';

export interface RangeSummary {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly rangeClass: RangeClass;
}

/**
 * The model that knows what every sector must hold, from the plan alone and never from a read-back. Pure; offsets and
 * lengths are bytes, multiples of 512. Digests are computed once and kept.
 */
export interface Oracle {
  readonly plan: Plan;
  /** What the volume holds after all writes. */
  expectedInto(offsetBytes: number, target: Uint8Array): void;
  /** Whether all of a range must be zeros. */
  expectsZeros(offsetBytes: number, lengthBytes: number): boolean;
  /** What the raw image holds. */
  imageInto(offsetBytes: number, target: Uint8Array): void;
  rangeClassAt(offsetBytes: number): RangeClass;
  /** Every sector of `found` that is not what the oracle says, neighbours of equal class and kind joined. */
  classify(options: { readonly offsetBytes: number; readonly found: Uint8Array }): WrongBlock[];
  /** The blocks to report for a range that could not be read at all, because the device ends before it. */
  missing(options: { readonly offsetBytes: number; readonly lengthBytes: number }): WrongBlock[];
  /** Of the volume after all writes; blocks for about a second per GiB at first use. */
  fingerprint(): Fingerprint;
  /** Of the raw image, as `BackingImage.spec.checksum` wants it: it is compared after conversion to raw. */
  imageSha512(): string;
  imageFingerprint(): Fingerprint;
  /** Ascending, gapless stretches of one class. */
  rangeClassSummary(): RangeSummary[];
  /** For drawings: the class that most of a MiB belongs to, one entry per MiB. */
  dominantRangeClasses(): RangeClass[];
}

function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}

/** @throws {OracleRangeError} when the plan does not hold together, e.g. extents leave a gap */
export function createOracle(plan: Plan): Oracle {
  const image = imageContent(plan);
  const expected = expectedContent(plan);
  const writer = plan.writes.find((write) => write.writer !== undefined)?.writer ?? 'volume';
  const context: ClassifyContext = { seedTag: seedTag(plan.seed), expected, parent: parentContent(plan), writer };

  function rangeClassSummary(): RangeSummary[] {
    const summary: RangeSummary[] = [];
    for (const { offsetBytes, lengthBytes, rangeClass } of expected.segments) {
      const last = summary.at(-1);
      if (last?.rangeClass === rangeClass) {
        summary[summary.length - 1] = { ...last, lengthBytes: last.lengthBytes + lengthBytes };
      } else summary.push({ offsetBytes, lengthBytes, rangeClass });
    }
    return summary;
  }

  function missing(range: { offsetBytes: number; lengthBytes: number }): WrongBlock[] {
    const end = range.offsetBytes + range.lengthBytes;
    return rangeClassSummary().flatMap(({ offsetBytes, lengthBytes, rangeClass }) => {
      const from = Math.max(offsetBytes, range.offsetBytes);
      const to = Math.min(offsetBytes + lengthBytes, end);
      const wrong = { kind: 'missing', found: 'nothing: the device ends before it' } as const;
      const segment = { rangeClass, generation: 0 };
      return from < to ? [wrongBlock({ offsetBytes: from, lengthBytes: to - from, segment, wrong })] : [];
    });
  }

  function dominantRangeClasses(): RangeClass[] {
    const shares = Array.from({ length: mibCount(expected.sizeBytes) }, () => new Map<RangeClass, number>());
    for (const { offsetBytes, lengthBytes, rangeClass } of expected.segments) {
      const end = offsetBytes + lengthBytes;
      for (let at = offsetBytes; at < end;) {
        const mib = Math.floor(at / mibBytes);
        const stretchEnd = Math.min(end, (mib + 1) * mibBytes);
        const share = shares[mib];
        share?.set(rangeClass, (share.get(rangeClass) ?? 0) + stretchEnd - at);
        at = stretchEnd;
      }
    }
    return shares.map((share) => [...share].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0]);
  }

  return {
    plan,
    expectedInto: (offsetBytes, target) => expected.into(offsetBytes, target),
    expectsZeros: (offsetBytes, lengthBytes) => expected.isZero(offsetBytes, lengthBytes),
    imageInto: (offsetBytes, target) => image.into(offsetBytes, target),
    rangeClassAt: (offsetBytes) => expected.segmentAt(offsetBytes).rangeClass,
    classify: ({ offsetBytes, found }) => classify(context, offsetBytes, found),
    missing,
    fingerprint: once(() => fingerprintOf(expected)),
    imageSha512: once(() => digestOf(image, 'sha512')),
    imageFingerprint: once(() => fingerprintOf(image)),
    rangeClassSummary,
    dominantRangeClasses,
  };
}

/**
 * What a replica that lost its shared parent must show, and nothing else: zeros wherever the image has data and the
 * volume never wrote to the 1 MiB cluster, because a write of any size copies its whole cluster from the parent
 * (longhorn/longhorn#10340).
 */
export function expectedWrongBlocksIfParentLost(plan: Plan): WrongBlock[] {
  const owned = new Set<number>();
  for (const { offsetBytes, lengthBytes } of plan.writes) {
    const last = Math.floor((offsetBytes + lengthBytes - 1) / clusterBytes);
    for (let cluster = Math.floor(offsetBytes / clusterBytes); cluster <= last; cluster++) owned.add(cluster);
  }
  const ranges: { offsetBytes: number; lengthBytes: number }[] = [];
  for (const extent of plan.image.extents.filter(({ kind }) => kind === 'data')) {
    const end = extent.offsetBytes + extent.lengthBytes;
    for (let at = extent.offsetBytes; at < end;) {
      const cluster = Math.floor(at / clusterBytes);
      const stretchEnd = Math.min(end, (cluster + 1) * clusterBytes);
      const last = ranges.at(-1);
      if (owned.has(cluster)) at = stretchEnd;
      else {
        if (last && last.offsetBytes + last.lengthBytes === at) last.lengthBytes += stretchEnd - at;
        else ranges.push({ offsetBytes: at, lengthBytes: stretchEnd - at });
        at = stretchEnd;
      }
    }
  }
  const segment = { rangeClass: 'image-data', generation: 0 } as const;
  const wrong = { kind: 'zeros', found: 'zeros' } as const;
  return ranges.map((range) => wrongBlock({ ...range, segment, wrong }));
}
