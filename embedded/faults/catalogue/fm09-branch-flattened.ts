import { chainOf } from '../../dataplane/engine/replica-chain.ts';
import { isSnapshotLvolOf } from '../../dataplane/lvol-names.ts';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteParent } from '../parents.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const branchFlattened: RunnableFault = {
  kind: 'fault',
  id: 'FM09',
  name: 'branch flattened',
  model:
    'Of a tree of snapshots that a revert made, only the active branch is rebuilt right: the others are hung on its end, as if there were one line.',
  copies: [longhorn(7596)],
  scenarios: ['snapshots-and-revert'],
  parameters: { rebuild: rebuildParameter },
  expected: {
    findings: ['content', 'lvol-chain'],
    wrongBytes: ['garbage', 'older-generation', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      rebuildStep(step, { destinationReplica, destinationStore }) {
        if (step !== 'destination-cleanup' || !strikes(destinationReplica)) return 'run';
        const head = destinationStore.find(destinationReplica);
        const active = head === undefined ? [] : chainOf(head);
        const end = active[1];
        if (end === undefined) return 'run';
        for (const lvol of destinationStore.lvols()) {
          const { parent } = lvol;
          const isSnapshot = isSnapshotLvolOf(destinationReplica, lvol.name);
          if (!isSnapshot || active.includes(lvol) || parent.kind !== 'snapshot' || !active.includes(parent.lvol))
            continue;
          noteParent(liveness, { of: lvol, replica: destinationReplica, wanted: parent.lvol, chosen: end });
          destinationStore.setParent(lvol, end);
        }
        return 'run';
      },
    };
  },
};
