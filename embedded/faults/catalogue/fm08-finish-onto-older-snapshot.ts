import { ancestorOf } from '../ancestors.ts';
import { engineCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteParent } from '../parents.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const finishOntoOlderSnapshot: RunnableFault = {
  kind: 'fault',
  id: 'FM08',
  name: 'finish switch to an older snapshot',
  model: 'The rebuilt head is moved onto an older lvol of its chain, so the newest layer is not seen.',
  copies: [engineCommit('3652f612')],
  parameters: {
    back: { kind: 'integer', default: 1, min: 1, max: 10, text: 'how many generations too old' },
    rebuild: rebuildParameter,
  },
  expected: {
    findings: ['content', 'lvol-chain', 'naming'],
    wrongBytes: ['parent-shows-through', 'older-generation', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      finishParent({ destinationReplica, wanted, head, destinationStore }) {
        const right = destinationStore.find(wanted);
        if (!strikes(destinationReplica) || right === undefined) return wanted;
        const chosen = ancestorOf(right, parameters.integer('back'));
        noteParent(liveness, { of: head, replica: destinationReplica, wanted: right, chosen });
        return chosen?.name ?? '';
      },
    };
  },
};
