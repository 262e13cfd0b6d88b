import type { Condition } from './condition.ts';
import { type Check, done, needed } from './step.ts';

/** A check that is a look at the cluster; a cluster that cannot be reached has nothing done. */
export function lookForCondition(condition: Condition): Check {
  return {
    text: condition.kubectl.join(' '),
    look: async (world) => {
      const progress = await world.cluster.look(condition);
      return progress.state === 'met' ? done(progress.value) : needed(progress.seen);
    },
  };
}
