import { mibBytes } from '../../helpers/oracle/geometry.ts';
import type { Device } from '../device/device.ts';

/** Lengths in logical blocks: below, at and off the 4 KiB grid of an lvol's pages, up to 64 KiB. */
const pieceBlocks = [1, 2, 5, 8, 16, 3, 128] as const;

/** How much of the device lies between two requests that begin with small ones; the others keep the pass fast. */
const splitEveryBytes = 2 * mibBytes;

export function isSplit(requestIndex: number, requestBytes: number): boolean {
  return requestIndex % Math.ceil(splitEveryBytes / requestBytes) === 0;
}

/**
 * Reads a range, its beginning by small requests, one after another: a device may answer those by another path than large
 * ones. Offsets and lengths are whole logical blocks, and mostly no whole pages.
 */
export async function readInPieces(device: Device, offsetBytes: number, target: Uint8Array): Promise<void> {
  const unitBytes = Math.max(512, device.logicalBlockBytes);
  let at = 0;
  for (const lengthBytes of [...pieceBlocks.map((blocks) => blocks * unitBytes), target.length]) {
    const end = Math.min(target.length, at + lengthBytes);
    if (end > at) await device.read(offsetBytes + at, target.subarray(at, end));
    at = end;
  }
}
