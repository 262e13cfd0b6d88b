import { longhorn, commit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

export const deepCopy: RunnableFault = {
  kind: 'fault',
  id: 'FM15',
  name: 'deep instead of shallow copy',
  model:
    "A rebuilt snapshot owns its parents' clusters too: right now, wrong after a revert or when the parent changes.",
  copies: [longhorn(9922), commit('longhorn/spdk', 'cec77a9bf')],
  parameters: { rebuild: rebuildParameter },
  expected: { findings: ['allocation'], wrongBytes: [], replica: 'rebuilt' },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      clustersToCopy({ source, destination, owned }) {
        if (!strikes(replicaOfRebuildingLvol(destination.name))) return owned;
        const visible = Array.from({ length: source.table.length }, (_, index) => index).filter(
          (index) => source.locate(index) !== undefined,
        );
        const extra = visible.length - owned.length;
        if (extra > 0) liveness.note('state', `${destination.name} owns ${String(extra)} clusters of its parents`);
        return visible;
      },
    };
  },
  neededChecks: ['audit'],
};
