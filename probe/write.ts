import { writeInto } from '../helpers/oracle/content.ts';
import type { Plan, PlannedWrite } from '../helpers/oracle/plan.ts';
import { allocateAligned } from './device/aligned-memory.ts';
import type { Device } from './device/device.ts';
import { ProbeError } from './exit-codes.ts';

/** What the probe answers to `write`. */
export interface WriteResult {
  readonly writes: number;
  readonly bytes: number;
  readonly flushed: true;
  readonly durationMs: number;
}

/** Writes in flight; those of one generation never overlap. */
const depth = 4;

function requireAligned(writes: readonly PlannedWrite[], logicalBlockBytes: number): void {
  const bad = writes.find(
    ({ offsetBytes, lengthBytes }) => offsetBytes % logicalBlockBytes !== 0 || lengthBytes % logicalBlockBytes !== 0,
  );
  if (!bad) return;
  throw new ProbeError(
    'write',
    `the device has blocks of ${logicalBlockBytes} bytes, the plan writes ${bad.lengthBytes} bytes at ${bad.offsetBytes} (${bad.purpose}); Longhorn's V2 volumes have blocks of 512`,
  );
}

async function writeGeneration(options: {
  device: Device;
  seed: string;
  writes: readonly PlannedWrite[];
  onWritten: (bytes: number) => void;
}): Promise<void> {
  const { device, seed, onWritten } = options;
  const queue = [...options.writes];
  const longest = Math.max(...queue.map(({ lengthBytes }) => lengthBytes));
  async function drain(): Promise<void> {
    const memory = allocateAligned(longest);
    for (let write = queue.shift(); write; write = queue.shift()) {
      await issue({ device, seed, write, memory });
      onWritten(write.lengthBytes);
    }
  }
  await Promise.all(Array.from({ length: Math.min(depth, queue.length) }, drain));
  await device.flush();
}

async function issue(options: {
  device: Device;
  seed: string;
  write: PlannedWrite;
  memory: Uint8Array;
}): Promise<void> {
  const { device, seed, write, memory } = options;
  const { offsetBytes, lengthBytes } = write;
  switch (write.kind) {
    case 'discard':
      return device.discard(offsetBytes, lengthBytes);
    case 'write-zeroes':
      return device.writeZeroes(offsetBytes, lengthBytes);
    case 'data':
    case 'zeros': {
      const source = memory.subarray(0, lengthBytes);
      writeInto({ seed, write, target: source });
      return device.write(offsetBytes, source);
    }
  }
}

/**
 * Executes writes of the plan, a generation at a time with a flush after each, so that order holds whatever the device does
 * with requests in flight.
 *
 * @throws {ProbeError}
 */
export async function runWrites(options: {
  device: Device;
  plan: Plan;
  writes: readonly PlannedWrite[];
  onProgress: (bytes: number) => void;
}): Promise<WriteResult> {
  const { device, plan, onProgress } = options;
  const startedMs = performance.now();
  requireAligned(options.writes, device.logicalBlockBytes);
  let bytes = 0;
  const onWritten = (count: number): void => onProgress((bytes += count));
  const generations = [...new Set(options.writes.map(({ generation }) => generation))].sort((a, b) => a - b);
  for (const generation of generations) {
    const writes = options.writes.filter((write) => write.generation === generation);
    await writeGeneration({ device, seed: plan.seed, writes, onWritten });
  }
  return { writes: options.writes.length, bytes, flushed: true, durationMs: performance.now() - startedMs };
}
