import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import type { Lvstore } from '../../dataplane/blobstore/lvstore.ts';
import { formerTenant } from '../clusters.ts';
import { longhorn, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteParent } from '../parents.ts';
import { rebuildParameter, struckRebuilds } from '../rebuilds.ts';

export const otherImageAsParent: RunnableFault = {
  kind: 'fault',
  id: 'FM04',
  name: 'another image as parent',
  model:
    "A name that begins like the image's is taken for it: a rebuilt snapshot hangs on another image of the same shape.",
  copies: [
    longhorn(10527),
    page(
      'the naming rule `bi-<image>-disk-<uuid>`',
      'https://github.com/longhorn/longhorn-spdk-engine/blob/main/pkg/spdk/util.go',
    ),
  ],
  parameters: { rebuild: rebuildParameter },
  expected: { findings: ['content', 'lvol-chain'], wrongBytes: ['garbage', 'other-volume'], replica: 'rebuilt' },
  hooks({ parameters, liveness, seed }) {
    const strikes = struckRebuilds(parameters);
    return {
      rebuildParent({ destinationReplica, wanted, source, destinationStore }) {
        const right = destinationStore.find(wanted);
        if (!strikes(destinationReplica) || right === undefined || !wanted.startsWith('bi-')) return wanted;
        const other = otherImage(destinationStore, right, seed);
        noteParent(liveness, { of: source, replica: destinationReplica, wanted: right, chosen: other });
        return other.name;
      },
    };
  },
};

/** An image that somebody else keeps on the disk: the same clusters, other bytes, a name that begins the same. */
function otherImage(store: Lvstore, image: Lvol, seed: string): Lvol {
  const name = image.name.replace('-disk-', '-2-disk-');
  const known = store.find(name);
  if (known !== undefined) return known;
  const head = store.create(`${name}-temp-head`, image.sizeBytes);
  for (const index of image.ownedClusters()) head.adoptCluster(index, formerTenant(seed, name, index));
  const snapshot = store.snapshot(head, name, {});
  store.delete(head);
  return snapshot;
}
