import type { PassShape } from '../../helpers/oracle/plan.ts';
import { mibBytes } from '../../helpers/oracle/geometry.ts';

/** What the digesting threads may lag behind the requests in flight. */
const slackBytes = 8 * mibBytes;

/** How a pass's device offsets map to its memory; structured-cloneable, so that threads compute the same. */
export interface RingLayout {
  readonly requestBytes: number;
  /** Where offset 0 of the device goes: a shorter first request ends where a whole one would. */
  readonly leadBytes: number;
  readonly slots: number;
}

export function ringLayout({ requestBytes, phaseBytes, depth }: PassShape): RingLayout {
  const leadBytes = phaseBytes > 0 ? requestBytes - phaseBytes : 0;
  return { requestBytes, leadBytes, slots: depth + Math.max(depth, Math.ceil(slackBytes / requestBytes)) };
}

/** The device range of request `index`; empty behind the device's end. */
export function requestRange(layout: RingLayout, index: number, sizeBytes: number): { from: number; to: number } {
  const from = Math.max(0, index * layout.requestBytes - layout.leadBytes);
  const to = Math.max(from, Math.min(sizeBytes, (index + 1) * layout.requestBytes - layout.leadBytes));
  return { from, to };
}

/** The memory that holds a device range: one part, or two where it wraps. A request never wraps. */
export function ringParts(layout: RingLayout, memory: Uint8Array, from: number, to: number): Uint8Array[] {
  const ringBytes = layout.requestBytes * layout.slots;
  const parts: Uint8Array[] = [];
  for (let at = from; at < to;) {
    const start = (at + layout.leadBytes) % ringBytes;
    const length = Math.min(to - at, ringBytes - start);
    parts.push(memory.subarray(start, start + length));
    at += length;
  }
  return parts;
}
