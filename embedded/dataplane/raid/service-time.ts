import type { SeededRandom } from '../random.ts';

/** Largest transfer of one NVMe/TCP command; the host splits bigger requests into several that run at once. */
export const maxTransferBytes = 128 * 1024;

const fixedMicroseconds = 10;
const microsecondsPerByte = 40 / maxTransferBytes;

/**
 * How long a command stays outstanding: a fixed part, a part by size, and half as much again at random. The jitter is
 * what lets completions overtake each other, so that at depth 2 and more the slots drift from pass to pass as they do in
 * the measurements, while a batch that is sent at once still alternates and depth 1 never leaves the first slot.
 */
export function serviceMicroseconds(lengthBytes: number, random: SeededRandom): number {
  return (fixedMicroseconds + lengthBytes * microsecondsPerByte) * (0.75 + 0.5 * random.next());
}
