import { imageContent } from '../helpers/oracle/content.ts';
import { mibBytes } from '../helpers/oracle/geometry.ts';
import type { Plan } from '../helpers/oracle/plan.ts';
import { allocateAligned } from './device/aligned-memory.ts';
import type { Device } from './device/device.ts';

/** What the probe answers to `fill`. */
export interface FillResult {
  readonly bytes: number;
  readonly flushed: true;
  readonly durationMs: number;
}

/** Writes in flight; each has a place of its own. */
const depth = 4;

/**
 * Writes the image's data and its explicit zeros to the device, for a volume that is then cloned; holes are left alone.
 *
 * @throws {ProbeError}
 */
export async function runFill(options: {
  device: Device;
  plan: Plan;
  onProgress: (bytes: number) => void;
}): Promise<FillResult> {
  const { device, plan, onProgress } = options;
  const startedMs = performance.now();
  const image = imageContent(plan);
  const queue = plan.image.extents.filter(({ kind }) => kind !== 'hole').flatMap(pieces);
  let bytes = 0;
  async function drain(): Promise<void> {
    const memory = allocateAligned(mibBytes);
    for (let piece = queue.shift(); piece; piece = queue.shift()) {
      const source = memory.subarray(0, piece.lengthBytes);
      image.into(piece.offsetBytes, source);
      await device.write(piece.offsetBytes, source);
      onProgress((bytes += piece.lengthBytes));
    }
  }
  await Promise.all(Array.from({ length: Math.min(depth, queue.length) }, drain));
  await device.flush();
  return { bytes, flushed: true, durationMs: performance.now() - startedMs };
}

function pieces(extent: { offsetBytes: number; lengthBytes: number }): { offsetBytes: number; lengthBytes: number }[] {
  const count = Math.ceil(extent.lengthBytes / mibBytes);
  return Array.from({ length: count }, (_, index) => ({
    offsetBytes: extent.offsetBytes + index * mibBytes,
    lengthBytes: Math.min(mibBytes, extent.lengthBytes - index * mibBytes),
  }));
}
