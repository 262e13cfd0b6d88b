import { mibBytes, sectorBytes } from './geometry.ts';
import type { Plan, PlannedWrite, RangeClass, VolumeWriter } from './plan.ts';
import { fillSectors, seedTag } from './sector.ts';

/** A stretch of a device that is of one class and, sector by sector, of one origin. */
export interface Segment {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly rangeClass: RangeClass;
  readonly origin: 'zeros' | 'ones' | 'image' | 'volume' | VolumeWriter;
  /** Of the write that made it; 0 where nothing was written. */
  readonly generation: number;
}

/** The content of a whole device, described by ascending, gapless segments. */
export interface DeviceContent {
  readonly sizeBytes: number;
  readonly segments: readonly Segment[];
  segmentAt(offsetBytes: number): Segment;
  /** Fills `target` with what stands at `offsetBytes`; both offset and length are multiples of 512. */
  into(offsetBytes: number, target: Uint8Array): void;
  /** Whether a range holds nothing but zeros. */
  isZero(offsetBytes: number, lengthBytes: number): boolean;
}

/** A plan that does not hold together, or a question about bytes that the device does not have. */
export class OracleRangeError extends RangeError {
  override readonly name = 'OracleRangeError';
}

function imageSegments(plan: Plan): Segment[] {
  return plan.image.extents.map(({ offsetBytes, lengthBytes, kind }) => ({
    offsetBytes,
    lengthBytes,
    rangeClass: `image-${kind}` as const,
    origin: kind === 'data' ? 'image' : 'zeros',
    generation: 0,
  }));
}

function requireGapless(segments: readonly Segment[], sizeBytes: number, what: string): void {
  let end = 0;
  for (const { offsetBytes, lengthBytes } of segments) {
    if (offsetBytes !== end || lengthBytes <= 0 || lengthBytes % sectorBytes !== 0) {
      throw new OracleRangeError(
        `${what}: expected a stretch of whole sectors at ${end}, found ${lengthBytes} bytes at ${offsetBytes}`,
      );
    }
    end += lengthBytes;
  }
  if (end !== sizeBytes) throw new OracleRangeError(`${what}: covers ${end} of ${sizeBytes} bytes`);
}

/** Puts `top` over segments: what it covers is cut away. */
function overlay(segments: readonly Segment[], top: Segment): Segment[] {
  const topEnd = top.offsetBytes + top.lengthBytes;
  const result: Segment[] = [];
  for (const segment of segments) {
    const end = segment.offsetBytes + segment.lengthBytes;
    if (end <= top.offsetBytes || segment.offsetBytes >= topEnd) {
      result.push(segment);
      continue;
    }
    if (segment.offsetBytes < top.offsetBytes) {
      result.push({ ...segment, lengthBytes: top.offsetBytes - segment.offsetBytes });
    }
    if (segment.offsetBytes <= top.offsetBytes) result.push(top);
    if (end > topEnd) result.push({ ...segment, offsetBytes: topEnd, lengthBytes: end - topEnd });
  }
  return result;
}

/** What a discard leaves where nothing else is known of it: what was there, in the class of discarded ranges. */
function discard(segments: readonly Segment[], { offsetBytes, lengthBytes }: PlannedWrite): Segment[] {
  const end = offsetBytes + lengthBytes;
  let result = [...segments];
  for (const segment of segments) {
    const from = Math.max(segment.offsetBytes, offsetBytes);
    const to = Math.min(segment.offsetBytes + segment.lengthBytes, end);
    if (from >= to) continue;
    const left: Segment = { ...segment, offsetBytes: from, lengthBytes: to - from, rangeClass: 'discarded' };
    result = overlay(result, left);
  }
  return result;
}

function written(segments: readonly Segment[], write: PlannedWrite): Segment[] {
  const { offsetBytes, lengthBytes, generation, kind, leaves } = write;
  const range = { offsetBytes, lengthBytes, generation };
  switch (kind) {
    case 'data':
      return overlay(segments, { ...range, rangeClass: 'written', origin: write.writer ?? 'volume' });
    case 'zeros':
    case 'write-zeroes':
      return overlay(segments, { ...range, rangeClass: 'written-zeros', origin: 'zeros' });
    case 'discard':
      if (leaves === undefined) return discard(segments, write);
      return overlay(segments, { ...range, rangeClass: 'discarded', origin: leaves });
  }
}

function deviceContent(options: { sizeBytes: number; segments: readonly Segment[]; seed: string }): DeviceContent {
  const { sizeBytes, segments } = options;
  const tag = seedTag(options.seed);

  function indexAt(offsetBytes: number): number {
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((segments[middle] as Segment).offsetBytes <= offsetBytes) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function requireInside(offsetBytes: number, lengthBytes: number): void {
    const whole = offsetBytes % sectorBytes === 0 && lengthBytes % sectorBytes === 0;
    if (!whole || offsetBytes < 0 || offsetBytes + lengthBytes > sizeBytes) {
      throw new OracleRangeError(
        `${lengthBytes} bytes at ${offsetBytes} are not whole sectors of a device of ${sizeBytes} bytes`,
      );
    }
  }

  /** Calls `visit` with each stretch of one segment that lies in the range. */
  function eachStretch(
    offsetBytes: number,
    lengthBytes: number,
    visit: (at: number, length: number, segment: Segment) => boolean,
  ): void {
    requireInside(offsetBytes, lengthBytes);
    const end = offsetBytes + lengthBytes;
    let at = offsetBytes;
    for (let index = indexAt(offsetBytes); at < end; index++) {
      const segment = segments[index] as Segment;
      const stretchEnd = Math.min(end, segment.offsetBytes + segment.lengthBytes);
      if (!visit(at, stretchEnd - at, segment)) return;
      at = stretchEnd;
    }
  }

  return {
    sizeBytes,
    segments,
    segmentAt: (offsetBytes) => {
      requireInside(offsetBytes - (offsetBytes % sectorBytes), sectorBytes);
      return segments[indexAt(offsetBytes)] as Segment;
    },
    into: (offsetBytes, target) =>
      eachStretch(offsetBytes, target.length, (at, length, { origin, generation }) => {
        const part = target.subarray(at - offsetBytes, at - offsetBytes + length);
        if (origin === 'zeros') part.fill(0);
        else if (origin === 'ones') part.fill(0xff);
        else fillSectors(part, { source: origin, seedTag: tag, lba: at / sectorBytes, generation });
        return true;
      }),
    isZero: (offsetBytes, lengthBytes) => {
      let zero = true;
      eachStretch(offsetBytes, lengthBytes, (_at, _length, { origin }) => (zero = origin === 'zeros'));
      return zero;
    },
  };
}

/** The raw image: what a reader of the image file must see. */
export function imageContent(plan: Plan): DeviceContent {
  const segments = imageSegments(plan);
  requireGapless(segments, plan.image.sizeBytes, 'image extents');
  return deviceContent({ sizeBytes: plan.image.sizeBytes, segments, seed: plan.seed });
}

/** The volume before any write: the image, and zeros behind it. */
function untouchedSegments(plan: Plan): Segment[] {
  const segments = imageSegments(plan);
  const offsetBytes = plan.image.sizeBytes;
  const lengthBytes = plan.volume.sizeBytes - offsetBytes;
  if (lengthBytes > 0) {
    segments.push({ offsetBytes, lengthBytes, rangeClass: 'beyond-image', origin: 'zeros', generation: 0 });
  }
  return segments;
}

/** The volume as nobody has written to it: what its shared parent shows. */
export function parentContent(plan: Plan): DeviceContent {
  const segments = untouchedSegments(plan);
  requireGapless(segments, plan.volume.sizeBytes, 'image extents and what lies beyond');
  return deviceContent({ sizeBytes: plan.volume.sizeBytes, segments, seed: plan.seed });
}

/** The volume after all writes of the plan, in the order of their generations. */
export function expectedContent(plan: Plan): DeviceContent {
  let segments = untouchedSegments(plan);
  for (const write of [...plan.writes].sort((a, b) => a.generation - b.generation)) {
    segments = written(segments, write);
  }
  requireGapless(segments, plan.volume.sizeBytes, 'planned content');
  return deviceContent({ sizeBytes: plan.volume.sizeBytes, segments, seed: plan.seed });
}

/** The bytes that one planned write of data or zeros puts on the device: what the probe sends. */
export function writeInto(options: { seed: string; write: Plan['writes'][number]; target: Uint8Array }): void {
  const { seed, write, target } = options;
  if (write.kind !== 'data') target.fill(0);
  else {
    const lba = write.offsetBytes / sectorBytes;
    fillSectors(target, {
      source: write.writer ?? 'volume',
      seedTag: seedTag(seed),
      lba,
      generation: write.generation,
    });
  }
}

/** Number of MiBs that a device of `sizeBytes` has, the last one possibly shorter. */
export function mibCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / mibBytes);
}
