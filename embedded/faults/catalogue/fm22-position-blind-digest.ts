import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { noteCluster, shown } from '../clusters.ts';
import { commit, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

export const positionBlindDigest: RunnableFault = {
  kind: 'fault',
  id: 'FM22',
  name: 'cluster moved under an equal digest',
  model:
    'A copied cluster lands one place further, in a hole: order, count and digest of the owned clusters stay equal.',
  copies: [
    page(
      'snapshot checksum over owned clusters without their index',
      'https://github.com/longhorn/spdk/tree/longhorn-v24.09',
    ),
    commit('spdk/spdk', '5557a572f5'),
  ],
  parameters: { rebuild: rebuildParameter },
  expected: {
    findings: ['content'],
    wrongBytes: ['other-offset', 'parent-shows-through', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ parameters, liveness, random }) {
    const strikes = struckRebuilds(parameters);
    const moved = new Map<Lvol, number | undefined>();
    const draw = (source: Lvol): number | undefined => {
      const movable = source
        .ownedClusters()
        .filter((index) => index + 1 < source.table.length && !source.owns(index + 1));
      return movable[random.integer(Math.max(1, movable.length))];
    };
    return {
      clusterCopy({ source, destination, index }) {
        if (!strikes(replicaOfRebuildingLvol(destination.name))) return { kind: 'copy' };
        if (!moved.has(destination)) moved.set(destination, draw(source));
        if (moved.get(destination) !== index) return { kind: 'copy' };
        if (!shown(source, index).equals(shown(source, index + 1))) {
          for (const place of [index, index + 1]) {
            noteCluster(liveness, destination.name, place, `cluster ${String(index)} lands in the next one's place`);
          }
        }
        return { kind: 'place', lvol: destination, index: index + 1 };
      },
    };
  },
};
