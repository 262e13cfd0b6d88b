/**
 * Where each range class lies, from the plan alone. What a sector should hold is the oracle's business; this says only
 * which class it belongs to, so that findings and drawings can be laid out after the fact.
 */
import type { ImageExtentKind, Plan, RangeClass } from '../oracle/plan.ts';
import { bytesPerMib } from './quantities.ts';

export interface RangeSegment {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly rangeClass: RangeClass;
}

const classOfExtent: Record<ImageExtentKind, RangeClass> = {
  data: 'image-data',
  zeros: 'image-zeros',
  hole: 'image-hole',
};

/** Ascending and gapless over the volume; a later write covers an earlier one and the image. */
export function rangeSegments(plan: Plan): RangeSegment[] {
  const { sizeBytes } = plan.volume;
  const segments: RangeSegment[] = plan.image.extents.map(({ offsetBytes, lengthBytes, kind }) => ({
    offsetBytes,
    lengthBytes,
    rangeClass: classOfExtent[kind],
  }));
  const beyond = sizeBytes - plan.image.sizeBytes;
  if (beyond > 0) {
    segments.push({ offsetBytes: plan.image.sizeBytes, lengthBytes: beyond, rangeClass: 'beyond-image' });
  }
  return plan.writes
    .reduce<RangeSegment[]>(
      (under, { offsetBytes, lengthBytes, kind }) =>
        cover(under, { offsetBytes, lengthBytes, rangeClass: kind === 'data' ? 'written' : 'written-zeros' }),
      segments,
    )
    .filter((segment) => segment.offsetBytes < sizeBytes);
}

function cover(under: readonly RangeSegment[], top: RangeSegment): RangeSegment[] {
  const topEnd = top.offsetBytes + top.lengthBytes;
  const kept: RangeSegment[] = [];
  for (const segment of under) {
    const end = segment.offsetBytes + segment.lengthBytes;
    const left = Math.min(end, top.offsetBytes) - segment.offsetBytes;
    const right = end - Math.max(segment.offsetBytes, topEnd);
    if (left > 0) kept.push({ ...segment, lengthBytes: left });
    if (right > 0) kept.push({ ...segment, offsetBytes: end - right, lengthBytes: right });
  }
  return [...kept, top].sort((a, b) => a.offsetBytes - b.offsetBytes);
}

/** For each MiB of the volume, how many bytes of each range class lie in it. */
export function classBytesPerMib(plan: Plan): Map<RangeClass, number>[] {
  const mibs = Array.from(
    { length: Math.ceil(plan.volume.sizeBytes / bytesPerMib) },
    () => new Map<RangeClass, number>(),
  );
  for (const { offsetBytes, lengthBytes, rangeClass } of rangeSegments(plan)) {
    const end = offsetBytes + lengthBytes;
    for (let mib = Math.floor(offsetBytes / bytesPerMib); mib * bytesPerMib < end; mib += 1) {
      const bytes = Math.min(end, (mib + 1) * bytesPerMib) - Math.max(offsetBytes, mib * bytesPerMib);
      const classes = mibs[mib];
      classes?.set(rangeClass, (classes.get(rangeClass) ?? 0) + bytes);
    }
  }
  return mibs;
}

/**
 * The MiBs, which are clusters, that show image data only through the parent: the image has data there and the volume
 * wrote nothing in the whole cluster. A replica without its backing image reads zeros exactly there
 * (a write to a cluster copies the rest of it from the parent first, spdk:lib/blob/blobstore.c@v24.09).
 */
export function imageOnlyMibs(plan: Plan): number[] {
  return classBytesPerMib(plan).flatMap((classes, mib) =>
    classes.has('image-data') && !classes.has('written') && !classes.has('written-zeros') ? [mib] : [],
  );
}
