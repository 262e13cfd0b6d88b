import { commit, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteLost } from '../lost-clusters.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

export const bitmapEdge: RunnableFault = {
  kind: 'fault',
  id: 'FM26',
  name: 'edge of the bitmap',
  model: 'Off by one: the first or the last cluster of the volume is not looked at when it is decided what to copy.',
  copies: [
    commit('openebs/mayastor', '86c1aea0'),
    page('VMware 2090639: change map wrong at a boundary', 'https://kb.vmware.com/kb/2090639'),
  ],
  parameters: {
    edge: { kind: 'choice', default: 'last', choices: ['first', 'last'], text: 'which edge' },
    rebuild: rebuildParameter,
  },
  expected: { findings: ['content', 'allocation'], wrongBytes: ['zeros', 'parent-shows-through'], replica: 'rebuilt' },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      clustersToCopy({ source, destination, owned }) {
        if (!strikes(replicaOfRebuildingLvol(destination.name))) return owned;
        const edge = parameters.choice('edge') === 'last' ? source.table.length - 1 : 0;
        if (owned.includes(edge)) noteLost(liveness, { source, destination, index: edge });
        return owned.filter((index) => index !== edge);
      },
    };
  },
};
