import { mibBytes } from './geometry.ts';
import { passShapesOf } from './pass-shapes.ts';
import type { Plan, PlannedWrite } from './plan.ts';
import { patternStage, type ContentRecipe } from './recipe.ts';
import { seededRandom } from './seeded-random.ts';

/** What is written while a replica is away. */
export const awayStage = 'away';

/** What the volume holds when the replica comes back. */
export const awayContent: ContentRecipe = { name: awayStage, stages: [patternStage, awayStage] };

const freshWrites = 4;
const freshBytes = 64 * 1024;

/**
 * Adds what is written while a replica is away: every fourth of the writes that are there, once more, and a few where
 * nobody wrote. The rest stays as the snapshot has it, so that a snapshot that is used again shows.
 */
export function withOutdatedReplica(plan: Plan): Plan {
  const { baseline, rebuilt } = plan.passes;
  return {
    ...plan,
    stages: { ...plan.stages, [awayStage]: writesAway(plan) },
    passes: {
      baseline: baseline.slice(0, 1),
      rebuilt: rebuilt.slice(0, 2),
      isolated: passShapesOf(plan.seed, 'isolated', 1),
      reattached: [],
    },
  };
}

function writesAway(plan: Plan): PlannedWrite[] {
  const random = seededRandom(plan.seed, `stage ${awayStage}`);
  const generation = Math.max(0, ...plan.writes.map((write) => write.generation)) + 1;
  const clusters = (write: PlannedWrite): number[] => {
    const first = Math.floor(write.offsetBytes / mibBytes);
    const last = Math.floor((write.offsetBytes + write.lengthBytes - 1) / mibBytes);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  };
  const touched = [...new Set(plan.writes.flatMap(clusters))];
  // Whole clusters are chosen, and every write in them: the others stay as they are.
  const again = touched.filter((_, index) => index % 4 === 0);
  const rewritten = plan.writes
    .filter((write) => write.kind === 'data' && clusters(write).every((cluster) => again.includes(cluster)))
    .filter((write, index, all) => all.findIndex((other) => overlap(other, write)) === index)
    .map((write) => ({ ...write, generation, purpose: 'once more, while a replica is away' }));
  const untouched = Array.from({ length: Math.floor(plan.volume.sizeBytes / mibBytes) }, (_, index) => index).filter(
    (cluster) => !touched.includes(cluster),
  );
  const fresh = random.shuffle(untouched).slice(0, freshWrites);
  return [
    ...rewritten,
    ...fresh.map((cluster): PlannedWrite => ({
      offsetBytes: cluster * mibBytes + random.int(0, 8) * freshBytes,
      lengthBytes: freshBytes,
      kind: 'data',
      generation,
      purpose: 'where nobody wrote, while a replica is away',
    })),
  ].sort((a, b) => a.offsetBytes - b.offsetBytes);
}

function overlap(a: PlannedWrite, b: PlannedWrite): boolean {
  return a.offsetBytes < b.offsetBytes + b.lengthBytes && b.offsetBytes < a.offsetBytes + a.lengthBytes;
}
