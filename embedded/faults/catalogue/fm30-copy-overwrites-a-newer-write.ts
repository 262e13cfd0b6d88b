import type { Lvstore } from '../../dataplane/blobstore/lvstore.ts';
import { noteCluster, shown } from '../clusters.ts';
import { page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { replicaOfRebuildingLvol } from '../rebuilds.ts';

export const copyOverwritesNewerWrite: RunnableFault = {
  kind: 'fault',
  id: 'FM30',
  name: 'copy overwrites a newer write',
  model: 'A cluster is read at the source, written by the host, and then overwritten by the copy.',
  copies: [page('DRBD 9.2.14', 'https://github.com/LINBIT/drbd/blob/drbd-9.2/ChangeLog')],
  scenarios: ['writes-during-rebuild'],
  parameters: {
    clusters: { kind: 'integer', default: 1000, min: 1, max: 1_000_000, text: 'how many clusters lose what is newer' },
  },
  expected: {
    findings: ['content', 'passes-disagree'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness }) {
    const stores = new Map<string, Lvstore>();
    let overwritten = 0;
    return {
      rebuildStep(_step, { destinationReplica, destinationStore }) {
        stores.set(destinationReplica, destinationStore);
        return 'run';
      },
      clusterCopy({ source, destination, index }) {
        const replica = replicaOfRebuildingLvol(destination.name);
        const head = stores.get(replica)?.find(replica);
        if (head?.owns(index) !== true || overwritten === parameters.integer('clusters')) return { kind: 'copy' };
        const copied = shown(source, index);
        if (copied.equals(shown(head, index))) return { kind: 'copy' };
        overwritten += 1;
        noteCluster(liveness, replica, index, 'as it was when the rebuild began');
        head.adoptCluster(index, copied);
        return { kind: 'copy' };
      },
    };
  },
};
