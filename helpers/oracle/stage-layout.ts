import { clusterBytes, sectorBytes } from './geometry.ts';
import type { Plan, PlannedWrite } from './plan.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

const clusterSectors = clusterBytes / sectorBytes;
/** Of every alignment below a cluster, then around one, with what each is there for. */
const lengths: readonly { readonly sectors: readonly [from: number, end: number]; readonly purpose: string }[] = [
  { sectors: [1, 2], purpose: 'one sector' },
  { sectors: [2, 8], purpose: 'less than 4 KiB' },
  { sectors: [8, 9], purpose: 'eight sectors off the grid of pages' },
  { sectors: [9, 256], purpose: 'part of a cluster' },
  { sectors: [clusterSectors / 2, clusterSectors], purpose: 'most of a cluster' },
  { sectors: [clusterSectors + 1, 2 * clusterSectors], purpose: 'more than a cluster' },
];

/**
 * A later stage of writes: of every length, in the image and behind it, over content of any class, the ends of the device
 * among it. They do not overlap one another. From the seed and the stage's name alone.
 */
export function makeStageWrites(
  plan: Plan,
  stage: { readonly name: string; readonly generation: number },
): readonly PlannedWrite[] {
  const random = seededRandom(plan.seed, `stage ${stage.name}`);
  const sectors = plan.volume.sizeBytes / sectorBytes;
  const taken: { start: number; end: number }[] = [];
  const writes: PlannedWrite[] = [];
  const add = (start: number, length: number, purpose: string, kind: PlannedWrite['kind']): void => {
    taken.push({ start, end: start + length });
    const place = { offsetBytes: start * sectorBytes, lengthBytes: length * sectorBytes };
    writes.push({ ...place, kind, generation: stage.generation, purpose: `${purpose}, ${stage.name}` });
  };
  add(0, 1, 'first sector of the device', 'data');
  add(sectors - 2, 2, 'last sectors of the device', 'data');
  const imageSectors = plan.image.sizeBytes / sectorBytes;
  for (const [from, end] of [
    [1, imageSectors],
    [imageSectors, sectors - 2],
  ] as const) {
    for (const { sectors: bounds, purpose } of lengths) {
      const length = random.int(...bounds);
      const start = freePlace(random, { from, end, length, taken });
      if (start !== undefined) add(start, length, purpose, random.chance(0.2) ? 'zeros' : 'data');
    }
  }
  return writes.sort((a, b) => a.offsetBytes - b.offsetBytes);
}

const placesTried = 32;

function freePlace(
  random: SeededRandom,
  want: { from: number; end: number; length: number; taken: readonly { start: number; end: number }[] },
): number | undefined {
  const { from, end, length, taken } = want;
  if (end - from < length) return undefined;
  for (let tried = 0; tried < placesTried; tried++) {
    const start = random.int(from, end - length + 1);
    if (!taken.some((other) => start < other.end && other.start < start + length)) return start;
  }
  return undefined;
}
