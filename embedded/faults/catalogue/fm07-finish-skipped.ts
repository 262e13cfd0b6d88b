import { pull } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const finishSkipped: RunnableFault = {
  kind: 'fault',
  id: 'FM07',
  name: 'finish switch skipped',
  model: "The rebuilt head is left reading from the source's snapshot: right until the source is gone.",
  copies: [pull('longhorn/longhorn-spdk-engine', 552)],
  parameters: { rebuild: rebuildParameter },
  expected: { findings: ['lvol-chain'], wrongBytes: ['missing'], replica: 'rebuilt' },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      rebuildStep(step, { destinationReplica }) {
        if (step !== 'set-head-parent' || !strikes(destinationReplica)) return 'run';
        liveness.note('state', `head ${destinationReplica} stays a clone of an external snapshot`);
        return 'skip';
      },
    };
  },
};
