import { longhorn, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteLost } from '../lost-clusters.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

export const copyCut: RunnableFault = {
  kind: 'fault',
  id: 'FM12',
  name: 'copy cut at an offset',
  model: 'The copy of a snapshot ends before its end and counts as complete.',
  copies: [
    longhorn(10118),
    page(
      'replicaShallowCopy: complete below 100 % is a warning',
      'https://github.com/longhorn/longhorn-spdk-engine/blob/main/pkg/spdk/engine.go',
    ),
  ],
  parameters: {
    percent: { kind: 'integer', default: 60, min: 0, max: 99, text: 'how much of it is copied' },
    rebuild: rebuildParameter,
  },
  expected: {
    findings: ['content', 'allocation'],
    wrongBytes: ['zeros', 'parent-shows-through', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const strikes = struckRebuilds(parameters);
    return {
      clustersToCopy({ source, destination, owned }) {
        if (!strikes(replicaOfRebuildingLvol(destination.name))) return owned;
        const kept = Math.floor((owned.length * parameters.integer('percent')) / 100);
        for (const index of owned.slice(kept)) noteLost(liveness, { source, destination, index });
        return owned.slice(0, kept);
      },
    };
  },
};
