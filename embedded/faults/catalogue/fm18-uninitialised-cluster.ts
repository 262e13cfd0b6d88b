import { clusterBytes, formerTenant, noteCluster } from '../clusters.ts';
import { commit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';

export const uninitialisedCluster: RunnableFault = {
  kind: 'fault',
  id: 'FM18',
  name: 'uninitialised cluster',
  model:
    'The first small write to a hole gets a cluster that nobody cleared: around it stands what the disk held before, other bytes on each disk.',
  copies: [longhorn(10135), longhorn(9998), commit('longhorn/spdk', 'dc7fa5938')],
  parameters: {},
  expected: { findings: ['content', 'passes-disagree'], wrongBytes: ['garbage'], replica: 'all' },
  hooks({ liveness, seed }) {
    return {
      freshCluster({ lvol, index, length }) {
        if (length === clusterBytes || lvol.locateInParent(index) !== undefined) return 'parent';
        noteCluster(liveness, lvol.name, index, `old bytes around a write of ${String(length)} bytes`);
        return formerTenant(seed, lvol.store.uuid, index);
      },
    };
  },
};
