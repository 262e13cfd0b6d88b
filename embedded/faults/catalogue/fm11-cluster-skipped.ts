import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteLost } from '../lost-clusters.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

export const clusterSkipped: RunnableFault = {
  kind: 'fault',
  id: 'FM11',
  name: 'cluster skipped in the copy',
  model: 'The copy of some clusters fails, the error is swallowed, and the rebuild is complete.',
  copies: [longhorn(10118)],
  parameters: {
    clusters: { kind: 'integer', default: 1, min: 1, max: 1000, text: 'how many are skipped' },
    at: {
      kind: 'choice',
      default: 'random',
      choices: ['first', 'last', 'random'],
      text: 'which of those that are copied',
    },
    rebuild: rebuildParameter,
  },
  expected: { findings: ['content'], wrongBytes: ['zeros', 'parent-shows-through', 'torn'], replica: 'rebuilt' },
  hooks({ parameters, liveness, random }) {
    const strikes = struckRebuilds(parameters);
    const wanted = parameters.integer('clusters');
    return {
      clustersToCopy({ source, destination, owned }) {
        if (!strikes(replicaOfRebuildingLvol(destination.name))) return owned;
        const count = Math.min(wanted, owned.length);
        const last = owned.length - count;
        const at = parameters.choice('at');
        const start = at === 'first' ? 0 : at === 'last' ? last : random.integer(last + 1);
        const lost = owned.slice(start, start + count);
        for (const index of lost) noteLost(liveness, { source, destination, index });
        return owned.filter((index) => !lost.includes(index));
      },
    };
  },
};
