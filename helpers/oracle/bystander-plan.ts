import { mibBytes } from './geometry.ts';
import { makePlan } from './make-plan.ts';
import { makeShapes } from './pass-shapes.ts';
import type { Plan } from './plan.ts';
import type { ContentRecipe } from './recipe.ts';
import { seededRandom } from './seeded-random.ts';
import { makeWrites } from './write-layout.ts';

/** What is written to the bystander: a volume on the same image that nothing happens to. */
export const bystanderStage = 'bystander';

/** Behind the image: its edge, small writes, whole clusters, the last one. */
const bystanderTailBytes = 8 * mibBytes;
const secondImageBytes = 8 * mibBytes;

/** No larger than it must be, whatever the size of the volume under test: a multiple of 2 MiB. A clone is like its source. */
export function bystanderContent(plan: Plan): ContentRecipe {
  if (plan.sharedParent === 'linked-clone') return { name: bystanderStage, stages: [bystanderStage] };
  const sizeBytes = Math.ceil((plan.image.sizeBytes + bystanderTailBytes) / (2 * mibBytes)) * 2 * mibBytes;
  return { name: bystanderStage, stages: [bystanderStage], sizeBytes };
}

/**
 * Adds the bystander's own writes, laid out and signed otherwise than the subject's, and the passes over both: few of the
 * subject's, which the main scenario reads at length.
 */
export function withBystander(plan: Plan): Plan {
  const random = seededRandom(plan.seed, 'bystander');
  const writes = makeWrites({
    extents: plan.image.extents,
    imageSizeBytes: plan.image.sizeBytes,
    volumeSizeBytes: bystanderContent(plan).sizeBytes ?? plan.volume.sizeBytes,
    random,
  }).map((write) => ({ ...write, writer: 'bystander' as const }));
  const { baseline, rebuilt } = plan.passes;
  return {
    ...plan,
    stages: { ...plan.stages, [bystanderStage]: writes },
    passes: {
      baseline: baseline.slice(0, 1),
      rebuilt: rebuilt.slice(0, 2),
      isolated: makeShapes(random, 1),
      'isolated-second': makeShapes(random, 1),
      reattached: [],
      bystander: makeShapes(random, 4),
    },
  };
}

/** Another image with other bytes, as small as an image can be; nothing is made from it. */
export function secondImagePlan({ seed, scenario, image }: Plan): Plan {
  return makePlan({
    scenario,
    seed: `${seed}, second image`,
    imageFormat: image.format,
    imageSizeBytes: secondImageBytes,
    volumeSizeBytes: 2 * secondImageBytes,
    replicaCount: 1,
    reads: 1,
  });
}
