import { engineCommit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { isSharedParent, noteParent } from '../parents.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';
import { ancestorOf } from '../ancestors.ts';

export const parentIsGrandparent: RunnableFault = {
  kind: 'fault',
  id: 'FM03',
  name: 'parent is an older ancestor',
  model: "A rebuilt snapshot hangs on its parent's parent, so what only the skipped layer holds is not seen.",
  copies: [longhorn(11046), engineCommit('3652f612')],
  scenarios: ['snapshots-and-revert'],
  parameters: {
    hop: { kind: 'integer', default: 1, min: 1, max: 10, text: 'how many generations are skipped' },
    rebuild: rebuildParameter,
  },
  expected: {
    findings: ['content', 'lvol-chain', 'naming'],
    wrongBytes: ['parent-shows-through', 'older-generation', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    const hop = parameters.integer('hop');
    return {
      rebuildParent({ destinationReplica, wanted, source, destinationStore }) {
        const right = destinationStore.find(wanted);
        // The oldest snapshot has no grandparent: losing the image is another fault.
        if (!strikes(destinationReplica) || right === undefined || isSharedParent(wanted)) return wanted;
        const chosen = ancestorOf(right, hop);
        noteParent(liveness, { of: source, replica: destinationReplica, wanted: right, chosen });
        return chosen?.name ?? '';
      },
    };
  },
};
