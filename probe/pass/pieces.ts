import { mibBytes } from '../../helpers/oracle/geometry.ts';
import type { PassShape } from '../../helpers/oracle/plan.ts';
import { seededRandom } from '../../helpers/oracle/seeded-random.ts';
import type { Device } from '../device/device.ts';

/** Lengths in logical blocks: below, at and off the 4 KiB grid of an lvol's pages, up to 64 KiB. */
const pieceBlocks = [1, 2, 5, 8, 16, 3, 128] as const;
const piecesBlocks = pieceBlocks.reduce<number>((sum, blocks) => sum + blocks, 0);

/** How much of the device lies between two requests with small ones in them; the others keep the pass fast. */
const splitEveryBytes = 2 * mibBytes;

export interface RequestOfPass {
  readonly seed: string;
  readonly shape: PassShape;
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly device: Pick<Device, 'sizeBytes' | 'logicalBlockBytes'>;
}

const unitOf = (device: RequestOfPass['device']): number => Math.max(512, device.logicalBlockBytes);

/**
 * Where in a request small ones begin; undefined where it is made as a whole. Both ends of the device have some, and so
 * has one place in every stretch between them: from pass to pass another one, so that no place is spared for ever.
 */
export function piecesAt({ seed, shape, index, from, to, device }: RequestOfPass): number | undefined {
  const unitBytes = unitOf(device);
  const room = Math.max(0, Math.floor((to - from) / unitBytes) - piecesBlocks);
  if (from === 0) return 0;
  if (to === device.sizeBytes) return room * unitBytes;
  const { requestBytes, phaseBytes, depth } = shape;
  const perStretch = Math.ceil(splitEveryBytes / requestBytes);
  const stretch = Math.floor(index / perStretch);
  const random = seededRandom(seed, `pieces ${requestBytes} ${phaseBytes} ${depth} ${stretch}`);
  if (random.int(0, perStretch) !== index % perStretch) return undefined;
  return random.int(0, room + 1) * unitBytes;
}

/**
 * Reads a range, a part of it by small requests, one after another: a device may answer those by another path than large
 * ones. Offsets and lengths are whole logical blocks, and mostly no whole pages.
 */
export async function readInPieces(
  device: Device,
  offsetBytes: number,
  target: Uint8Array,
  piecesAtBytes: number,
): Promise<void> {
  const unitBytes = unitOf(device);
  let at = 0;
  for (const lengthBytes of [piecesAtBytes, ...pieceBlocks.map((blocks) => blocks * unitBytes), target.length]) {
    const end = Math.min(target.length, at + lengthBytes);
    if (end > at) await device.read(offsetBytes + at, target.subarray(at, end));
    at = end;
  }
}
