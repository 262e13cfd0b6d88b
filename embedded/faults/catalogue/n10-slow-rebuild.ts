import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../fault.ts';

export const slowRebuild: Control = {
  kind: 'control',
  id: 'N10',
  name: 'slow but right rebuild',
  model: 'Every cluster of a rebuild is held back for a while.',
  copies: [],
  parameters: {
    delay: { kind: 'integer', default: 100, min: 1, max: 60_000, text: 'milliseconds per cluster' },
  },
  hooks({ parameters, liveness }) {
    return {
      async event(event) {
        if (event.kind !== 'cluster-copied') return;
        liveness.note('state', `cluster ${String(event.index)} of ${event.source} is held back`);
        await sleep(parameters.integer('delay'), undefined, { ref: false });
      },
    };
  },
};
