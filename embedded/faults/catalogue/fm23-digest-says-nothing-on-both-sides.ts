import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import { storedChecksum } from '../../dataplane/blobstore/snapshot-checksums.ts';
import { isSnapshotLvolOf } from '../../dataplane/lvol-names.ts';
import { noteCluster, shown, shownBelow } from '../clusters.ts';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rehash, rot, uncoveredClusters } from '../rotten.ts';

export const digestSaysNothing: RunnableFault = {
  kind: 'fault',
  id: 'FM23',
  name: 'digest says nothing on both sides',
  model:
    'A cluster of a replica that is used again is outdated, and the checksum that would tell answers 0 at source and target, which are then equal.',
  copies: [longhorn(10950)],
  scenarios: ['outdated-replica-rebuild'],
  parameters: {},
  expected: {
    findings: ['content', 'snapshot-checksum'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'zeros', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ liveness, random }) {
    const outdated = new Map<Lvol, number>();
    const age = (snapshot: Lvol): void => {
      const candidates = uncoveredClusters(snapshot).filter(
        (index) => !shown(snapshot, index).equals(shownBelow(snapshot, index)),
      );
      const index = candidates[random.integer(Math.max(1, candidates.length))];
      if (index === undefined || storedChecksum(snapshot) === '') return;
      rot(snapshot, index, shownBelow(snapshot, index));
      rehash(snapshot);
      outdated.set(snapshot, index);
    };
    return {
      event(event) {
        if (event.kind === 'rebuild-step' && event.step === 'destination-head') {
          for (const lvol of event.destinationStore.lvols()) {
            if (isSnapshotLvolOf(event.destinationReplica, lvol.name)) age(lvol);
          }
        }
        if (event.kind !== 'snapshot-reuse' || event.reuse === 'replace') return;
        const index = outdated.get(event.existing);
        if (index === undefined) return;
        noteCluster(liveness, event.existing.name, index, 'outdated, and counts as equal');
      },
      // Where clusters have checksums of their own, it is those that say nothing (longhorn/longhorn#10950).
      snapshotDigest: ({ lvol, index, wanted }) =>
        wanted === '' || (index === undefined && lvol.rangeChecksums !== undefined) ? wanted : '0',
    };
  },
};
