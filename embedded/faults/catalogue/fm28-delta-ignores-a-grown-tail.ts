import { clusterBytes, noteCluster, shown } from '../clusters.ts';
import { engineCommit, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { volumeOf } from '../rebuilds.ts';

export const deltaIgnoresGrownTail: RunnableFault = {
  kind: 'fault',
  id: 'FM28',
  name: 'delta ignores a grown tail',
  model: 'A replica that is rebuilt after an expansion gets what there is up to the old size, and nothing of the tail.',
  copies: [engineCommit('58e01286'), page('VMware 2090639', 'https://kb.vmware.com/kb/2090639')],
  scenarios: ['volume-expansion'],
  parameters: {},
  expected: { findings: ['content', 'allocation'], wrongBytes: ['zeros'], replica: 'rebuilt' },
  hooks({ liveness }) {
    const oldClusters = new Map<string, number>();
    return {
      event(event) {
        if (event.kind !== 'replica-expanded') return;
        oldClusters.set(volumeOf(event.replica), Math.floor(event.fromBytes / clusterBytes));
      },
      clustersToCopy({ source, destination, owned }) {
        const end = oldClusters.get(volumeOf(destination.name)) ?? Infinity;
        for (const index of owned.filter((candidate) => candidate >= end)) {
          if (shown(source, index).some((byte) => byte !== 0)) {
            noteCluster(liveness, destination.name, index, 'not copied: the volume was smaller once');
          }
        }
        return owned.filter((index) => index < end);
      },
    };
  },
};
