import { setTimeout as sleep } from 'node:timers/promises';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';

export const healthyEarly: RunnableFault = {
  kind: 'fault',
  id: 'FM46',
  name: 'healthy before the rebuild is done',
  model: 'The engine shows a joining replica as RW at once, while its snapshots are still copied.',
  copies: [longhorn(9305), longhorn(11484), longhorn(13993)],
  parameters: {
    lead: {
      kind: 'integer',
      default: 12_000,
      min: 0,
      max: 600_000,
      text: 'milliseconds by which the copy is held back',
    },
  },
  expected: { findings: ['lvol-chain', 'left-behind', 'naming'], wrongBytes: [], replica: 'rebuilt' },
  hooks({ parameters, liveness }) {
    return {
      replicaMode({ replica, wanted }) {
        if (wanted !== 'WO') return wanted;
        liveness.note('state', `${replica} is shown as RW while it joins`);
        return 'RW';
      },
      async rebuildStep(step) {
        if (step === 'shallow-copy') await sleep(parameters.integer('lead'), undefined, { ref: false });
        return 'run' as const;
      },
    };
  },
};
