import type { Device } from '../device/device.ts';

/** Lengths in logical blocks, over and over: below, at and off the 4 KiB grid of an lvol's pages. */
const pieceBlocks = [1, 2, 5, 8, 16, 3] as const;

/** Which requests of a pass with small reads are split; the others keep it fast. */
const splitEvery = 32;

export function isSplit(requestIndex: number): boolean {
  return requestIndex % splitEvery === 0;
}

/**
 * Reads a range by small requests, one after another: a device may answer those by another path than large ones. Offsets and
 * lengths are whole logical blocks, and mostly no whole pages.
 */
export async function readInPieces(device: Device, offsetBytes: number, target: Uint8Array): Promise<void> {
  const unitBytes = Math.max(512, device.logicalBlockBytes);
  let at = 0;
  for (let piece = 0; at < target.length; piece++) {
    const wantedBytes = (pieceBlocks[piece % pieceBlocks.length] ?? 1) * unitBytes;
    const end = Math.min(target.length, at + wantedBytes);
    await device.read(offsetBytes + at, target.subarray(at, end));
    at = end;
  }
}
