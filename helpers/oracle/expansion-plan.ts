import { clusterBytes, mibBytes, sectorBytes } from './geometry.ts';
import { makeShapes, passShapesOf } from './pass-shapes.ts';
import type { Plan, PlannedWrite } from './plan.ts';
import { patternStage, type ContentRecipe } from './recipe.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

/** Written after the volume grew the first time, and after it grew again while it was degraded. */
export const expandedStage = 'expanded';
export const expandedDegradedStage = 'expanded-degraded';

/** Multiples of 2 MiB, to which Longhorn rounds, and no powers of two. */
const firstGrowthBytes = 6 * mibBytes;
const secondGrowthBytes = 10 * mibBytes;

/** What the device holds at each moment of the scenario: as it grew, and after what was then written. */
export interface ExpansionContents {
  readonly grown: ContentRecipe;
  readonly grownWritten: ContentRecipe;
  readonly grownAgain: ContentRecipe;
  readonly grownAgainWritten: ContentRecipe;
}

export function expansionContents(plan: Plan): ExpansionContents {
  const first = plan.volume.sizeBytes + firstGrowthBytes;
  const second = first + secondGrowthBytes;
  const stages = [patternStage, expandedStage];
  return {
    grown: { name: 'expanded-1', stages: [patternStage], sizeBytes: first },
    grownWritten: { name: 'expanded-1-written', stages, sizeBytes: first },
    grownAgain: { name: 'expanded-2', stages, sizeBytes: second },
    grownAgainWritten: {
      name: 'expanded-2-written',
      stages: [...stages, expandedDegradedStage],
      sizeBytes: second,
    },
  };
}

/** Adds what is written after each growth, and passes at every moment of it. */
export function withExpansion(plan: Plan): Plan {
  const { grown, grownAgain } = expansionContents(plan);
  const random = seededRandom(plan.seed, 'expansion');
  const [first = 0, second = 0] = [grown.sizeBytes, grownAgain.sizeBytes];
  const { baseline, rebuilt, isolated, reattached } = plan.passes;
  return {
    ...plan,
    stages: {
      ...plan.stages,
      [expandedStage]: growthWrites({ from: plan.volume.sizeBytes, to: first, generation: 3, random }),
      [expandedDegradedStage]: growthWrites({ from: first, to: second, generation: 4, random }),
    },
    passes: {
      baseline: baseline.slice(0, 1),
      resized: makeShapes(random, 4),
      rebuilt: rebuilt.slice(0, 2),
      isolated: isolated.slice(0, 1),
      reattached: reattached.slice(0, 1),
      'isolated-second': passShapesOf(plan.seed, 'isolated-second', 1),
    },
  };
}

/** Both sides of the old end, a whole cluster behind it, sectors off the page grid, and the new end; the rest stays zeros. */
function growthWrites(growth: { from: number; to: number; generation: number; random: SeededRandom }): PlannedWrite[] {
  const { from, to, generation, random } = growth;
  const write = (offsetBytes: number, sectors: number, purpose: string): PlannedWrite => ({
    offsetBytes,
    lengthBytes: sectors * sectorBytes,
    kind: 'data',
    generation,
    purpose,
  });
  const before = random.int(1, 9);
  const within = from + 2 * clusterBytes + sectorBytes * random.int(1, clusterBytes / sectorBytes - 16);
  const tail = random.int(1, 9);
  return [
    write(from - before * sectorBytes, before + random.int(1, 9), 'both sides of the old end'),
    write(from + clusterBytes, clusterBytes / sectorBytes, 'a whole cluster behind the old end'),
    write(within, random.int(1, 8), 'part of a cluster behind the old end'),
    write(to - tail * sectorBytes, tail, 'last sectors of the grown device'),
  ];
}
