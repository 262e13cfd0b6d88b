import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import type { Lvstore } from '../../dataplane/blobstore/lvstore.ts';
import { noteCluster, shown } from '../clusters.ts';
import { engineCommit, longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import type { Liveness } from '../liveness.ts';
import { isSharedParent } from '../parents.ts';
import { volumeOf } from '../rebuilds.ts';

export const neighbourDeletesSharedParent: RunnableFault = {
  kind: 'fault',
  id: 'FM06',
  name: 'neighbour deletes the shared parent',
  model:
    'The cleanup of a rebuild takes what other volumes hang on for its own: it detaches them from it, or deletes it.',
  copies: [longhorn(10527), engineCommit('270f3ac4'), engineCommit('d5af844d')],
  scenarios: ['bystander-volume'],
  parameters: {
    victim: {
      kind: 'choice',
      default: 'child',
      choices: ['child', 'image'],
      text: "another volume's child of a shared parent, or another image",
    },
  },
  expected: {
    findings: ['content', 'lvol-chain', 'backing-image', 'forbidden-observation'],
    wrongBytes: ['zeros'],
    replica: 'one',
  },
  hooks({ parameters, liveness }) {
    let struck = false;
    return {
      // Once: what Longhorn then rebuilds would strike back, and so on for ever.
      rebuildStep(step, { destinationReplica, destinationStore }) {
        if (step !== 'destination-cleanup' || struck) return 'run';
        struck = true;
        if (parameters.choice('victim') === 'child') detachChildren(liveness, destinationStore, destinationReplica);
        else deleteOtherImages(liveness, destinationStore);
        return 'run';
      },
    };
  },
};

function detachChildren(liveness: Liveness, store: Lvstore, destinationReplica: string): void {
  const parents = store.lvols().filter(({ name }) => isSharedParent(name));
  for (const child of parents.flatMap((parent) => [...parent.clones])) {
    if (volumeOf(child.name) === volumeOf(destinationReplica)) continue;
    const fromParent = (index: number): boolean => !child.owns(index) && shown(child, index).some((byte) => byte !== 0);
    for (const [index] of child.table.entries()) {
      if (fromParent(index)) noteCluster(liveness, child.name, index, 'has lost its parent');
    }
    store.detachParent(child);
  }
}

function deleteOtherImages(liveness: Liveness, store: Lvstore): void {
  const unused = (lvol: Lvol): boolean => isSharedParent(lvol.name) && lvol.clones.size === 0;
  for (const image of store.lvols().filter(unused)) {
    store.delete(image);
    liveness.note('state', `${image.name} is deleted`);
  }
}
