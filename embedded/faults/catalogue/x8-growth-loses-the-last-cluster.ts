import { noteCluster } from '../clusters.ts';
import type { RunnableFault } from '../fault.ts';

export const growthLosesTheLastCluster: RunnableFault = {
  kind: 'fault',
  id: 'X8',
  name: 'growth loses the last cluster',
  model:
    'When a volume grows once more, the head of the first replica to do so forgets the cluster before its old end.',
  copies: [],
  scenarios: ['volume-expansion'],
  parameters: {},
  expected: { findings: ['content', 'allocation'], wrongBytes: ['zeros', 'parent-shows-through'], replica: 'one' },
  neededChecks: ['oracle'],
  hooks({ liveness }) {
    const grown = new Set<string>();
    let isDone = false;
    return {
      event(event) {
        if (event.kind !== 'replica-expanded' || isDone) return;
        const { fromBytes, lvol, replica } = event;
        const isAgain = grown.has(replica);
        grown.add(replica);
        if (!isAgain) return;
        const index = Math.ceil(fromBytes / (1024 * 1024)) - 1;
        if (!lvol.owns(index)) return;
        isDone = true;
        noteCluster(liveness, lvol.name, index, 'is lost when the head grows');
        lvol.releaseCluster(index);
      },
    };
  },
};
