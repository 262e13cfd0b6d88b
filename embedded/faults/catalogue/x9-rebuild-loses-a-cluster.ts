import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const rebuildLosesACluster: RunnableFault = {
  kind: 'fault',
  id: 'X9',
  name: 'rebuild loses a cluster',
  model: 'A rebuild leaves a cluster of its disk in use that no lvol owns: nobody can ever have it again.',
  copies: [],
  parameters: { rebuild: rebuildParameter },
  expected: { findings: ['allocation'], wrongBytes: [], replica: 'none' },
  neededChecks: ['audit'],
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      rebuildStep(step, { destinationReplica, destinationStore }) {
        if (step === 'destination-cleanup' && strikes(destinationReplica)) {
          const cluster = destinationStore.file.allocate();
          liveness.note('state', `cluster ${String(cluster)} of ${destinationStore.name} is in use, and nobody's`);
        }
        return 'run';
      },
    };
  },
};
