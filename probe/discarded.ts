import { mibBytes } from '../helpers/oracle/geometry.ts';
import type { Plan } from '../helpers/oracle/plan.ts';
import { lookAtDiscarded, type DiscardedLook } from '../helpers/oracle/discarded.ts';
import { allocateAligned } from './device/aligned-memory.ts';
import type { Device } from './device/device.ts';

/** What the probe answers to `discarded`. */
export interface DiscardedResult extends DiscardedLook {
  readonly durationMs: number;
}

/**
 * Reads what was discarded and not written since, once, and tells what it reads as.
 *
 * @throws {ProbeError}
 */
export async function runDiscarded({ device, plan }: { device: Device; plan: Plan }): Promise<DiscardedResult> {
  const startedMs = performance.now();
  const look = lookAtDiscarded(plan);
  const memory = allocateAligned(mibBytes);
  for (const { offsetBytes, lengthBytes } of look.ranges) {
    for (let done = 0; done < lengthBytes; done += mibBytes) {
      const part = memory.subarray(0, Math.min(mibBytes, lengthBytes - done));
      await device.read(offsetBytes + done, part);
      look.look(offsetBytes + done, part);
    }
  }
  return { ...look.result(), durationMs: performance.now() - startedMs };
}
