import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import type { Lvstore } from '../../dataplane/blobstore/lvstore.ts';
import { noteCluster, shown, shownBelow } from '../clusters.ts';
import { githubIssue, spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { isHeadName, volumeOf } from '../rebuilds.ts';

export const unmapFreesWrongCluster: RunnableFault = {
  kind: 'fault',
  id: 'FM37',
  name: 'unmap frees the wrong cluster',
  model: 'An overflow or a double release frees a cluster that somebody else owns: another volume, or the next place.',
  copies: [githubIssue('spdk/spdk', 3358), spdkCommit('16d862d038')],
  scenarios: ['discard-and-zeroes'],
  parameters: {
    victim: {
      kind: 'choice',
      default: 'bystander',
      choices: ['bystander', 'neighbour'],
      text: "another volume's cluster on the same disk, or the same volume's next one",
    },
  },
  expected: {
    findings: ['content'],
    wrongBytes: ['zeros', 'parent-shows-through'],
    replica: 'all',
  },
  neededChecks: ['bystander'],
  hooks({ parameters, liveness }) {
    const stores = new Map<string, Lvstore>();
    const bystander = parameters.choice('victim') === 'bystander';
    const release = (victim: Lvol, index: number): void => {
      noteCluster(liveness, victim.name, index, 'freed with a cluster of somebody else');
      victim.releaseCluster(index);
    };
    return {
      diskCreated(store) {
        stores.set(store.uuid, store);
      },
      unmap({ lvol, index, whole, frees }) {
        const decided = frees ? 'free' : 'keep';
        if (!whole || !lvol.owns(index)) return decided;
        const others = stores.get(lvol.store.uuid)?.lvols() ?? [];
        const victim = bystander ? others.find((other) => isHeadOfAnother(other, lvol)) : lvol;
        const place = victim && firstVisible(victim, bystander ? 0 : index + 1);
        if (victim !== undefined && place !== undefined) release(victim, place);
        return decided;
      },
    };
  },
};

function isHeadOfAnother(other: Lvol, lvol: Lvol): boolean {
  const isHead = isHeadName(other.name) && !other.isSnapshot;
  return isHead && volumeOf(other.name) !== volumeOf(lvol.name) && firstVisible(other, 0) !== undefined;
}

/** The first cluster from there on whose loss anybody could see. */
function firstVisible(lvol: Lvol, from: number): number | undefined {
  return lvol.ownedClusters().find((index) => index >= from && !shown(lvol, index).equals(shownBelow(lvol, index)));
}
