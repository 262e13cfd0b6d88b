import { passShapesOf } from './pass-shapes.ts';
import type { Plan } from './plan.ts';
import { patternStage, type ContentRecipe } from './recipe.ts';
import { makeStageWrites } from './stage-layout.ts';

/** What is written while a replica is missing, and what after its rebuild. */
export const degradedStage = 'degraded';
export const afterwardsStage = 'afterwards';

export const degradedContent: ContentRecipe = { name: degradedStage, stages: [patternStage, degradedStage] };
export const afterwardsContent: ContentRecipe = {
  name: afterwardsStage,
  stages: [patternStage, degradedStage, afterwardsStage],
};

/** Adds both stages, and passes over the replicas that were there before: while they are alone, and after the rebuild. */
export function withDegradedWrites(plan: Plan): Plan {
  const { seed, passes } = plan;
  return {
    ...plan,
    stages: {
      ...plan.stages,
      [degradedStage]: makeStageWrites(plan, { name: degradedStage, generation: 3 }),
      [afterwardsStage]: makeStageWrites(plan, { name: afterwardsStage, generation: 4 }),
    },
    passes: {
      baseline: passes.baseline.slice(0, 1),
      degraded: passShapesOf(seed, 'degraded', 2),
      rebuilt: passShapesOf(seed, 'rebuilt', 4),
      reattached: passes.reattached.slice(0, 1),
      source: passShapesOf(seed, 'source', 1),
      isolated: [],
      'isolated-second': passShapesOf(seed, 'isolated-second', 1),
    },
  };
}
