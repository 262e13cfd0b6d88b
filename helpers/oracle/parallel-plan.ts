import { makeShapes } from './pass-shapes.ts';
import type { Plan, PlannedWrite } from './plan.ts';
import { patternStage, type ContentRecipe } from './recipe.ts';
import { seededRandom } from './seeded-random.ts';
import { makeWrites } from './write-layout.ts';

export const usualVolumes = 3;
export const mostVolumes = 8;

/** Of each volume after its rebuild: with one, nothing could disagree. */
const passesTogether = 2;

/** How a volume of the story is called, in its content, its writes and the verdict: `volume 1`, the first. */
export function volumeName(number: number): `volume ${number}` {
  return `volume ${number}`;
}

/** Whether a content is what one of several volumes holds. */
export function isOfOneVolume(content: string): boolean {
  return content.startsWith('volume ');
}

/** What that volume holds. */
export function volumeContent(number: number): ContentRecipe {
  const name = volumeName(number);
  return { name, stages: [number === 1 ? patternStage : name] };
}

/** Which of a phase's passes are that volume's, from and up to without the last. */
export function passesOfVolume(
  plan: Plan,
  phase: 'baseline' | 'rebuilt' | 'isolated',
  number: number,
): [number, number] {
  const each = plan.passes[phase].length / (plan.volumes ?? 1);
  return [(number - 1) * each, number * each];
}

/**
 * So many volumes of one size on the same image. Each is written in places and with bytes of its own, signed with its
 * name: a block of one that is found in another says whose it is. Each has its share of every phase's passes.
 */
export function withParallelVolumes(plan: Plan, count: number): Plan {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const others = numbers.slice(1).map((number) => [volumeName(number), writesOf(plan, number)] as const);
  const shapes = (each: number) =>
    numbers.flatMap((number) =>
      makeShapes(seededRandom(plan.seed, `${String(each)} passes of ${volumeName(number)}`), each),
    );
  return {
    ...plan,
    volumes: count,
    writes: signed(plan.writes, 1),
    stages: { ...plan.stages, ...Object.fromEntries(others) },
    passes: { baseline: shapes(1), rebuilt: shapes(passesTogether), isolated: shapes(1), reattached: [] },
  };
}

function writesOf(plan: Plan, number: number): PlannedWrite[] {
  const writes = makeWrites({
    extents: plan.image.extents,
    imageSizeBytes: plan.image.sizeBytes,
    volumeSizeBytes: plan.volume.sizeBytes,
    random: seededRandom(plan.seed, volumeName(number)),
  });
  return signed(writes, number);
}

function signed(writes: readonly PlannedWrite[], number: number): PlannedWrite[] {
  return writes.map((write) => ({ ...write, writer: volumeName(number) }));
}
