import { engineCommit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { isSharedParent, noteParent } from '../parents.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const parentOfSourceDisk: RunnableFault = {
  kind: 'fault',
  id: 'FM02',
  name: "parent looked up under the source disk's name",
  model:
    "The image's lvol name as the source has it carries the source disk's UUID; elsewhere it is not found, and a blank lvol is made without a word.",
  copies: [longhorn(10340), engineCommit('d00c2a1f')],
  parameters: { rebuild: rebuildParameter },
  expected: { findings: ['content', 'lvol-chain'], wrongBytes: ['zeros'], replica: 'rebuilt' },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      rebuildParent({ destinationReplica, wanted, source, destinationStore }) {
        if (!strikes(destinationReplica) || !isSharedParent(wanted)) return wanted;
        const sourceName = source.parent.kind === 'snapshot' ? source.parent.lvol.name : '';
        const chosen = destinationStore.find(sourceName);
        noteParent(liveness, {
          of: source,
          replica: destinationReplica,
          wanted: destinationStore.find(wanted),
          chosen,
        });
        return chosen?.name ?? '';
      },
    };
  },
};
