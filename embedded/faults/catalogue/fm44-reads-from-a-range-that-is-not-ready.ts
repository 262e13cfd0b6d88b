import { clusterBytes } from '../../dataplane/blobstore/cluster-file.ts';
import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import type { Lvstore } from '../../dataplane/blobstore/lvstore.ts';
import { isSnapshotLvolOf, rebuildingLvolName } from '../../dataplane/lvol-names.ts';
import { page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { JoiningReplicas } from '../joining.ts';

export const readsFromUnreadyRange: RunnableFault = {
  kind: 'fault',
  id: 'FM44',
  name: 'reads from a range that is not ready',
  model: 'A read during the rebuild goes to the joining replica beyond what was copied.',
  copies: [
    page('DRBD 9.0.5', 'https://github.com/LINBIT/drbd/blob/drbd-9.0/ChangeLog'),
    page(
      'md c6d119cf',
      'https://review.shift-gmbh.com/plugins/gitiles/SHIFTPHONES/kernel/common/+/c6d119cf1b5a778e9ed60a006e2a434fcc4471a2',
    ),
  ],
  scenarios: ['writes-during-rebuild'],
  parameters: {},
  expected: {
    findings: ['content'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'zeros', 'torn'],
    replica: 'none',
  },
  neededChecks: ['oracle'],
  hooks({ liveness }) {
    const joining = new JoiningReplicas();
    const stores = new Map<string, Lvstore>();
    /** What is there of the copy by now, instead of the head, which reads from the source. */
    const copied = (replica: string): Lvol | undefined => {
      const store = stores.get(replica);
      const frozen = store?.lvols().filter(({ name }) => isSnapshotLvolOf(replica, name));
      return store?.find(rebuildingLvolName(replica)) ?? frozen?.at(-1);
    };
    return {
      event(event) {
        joining.observe(event);
      },
      rebuildStep(_step, { destinationReplica, destinationStore }) {
        stores.set(destinationReplica, destinationStore);
        return 'run';
      },
      baseBdevRead({ replica, lvol, offset, length }) {
        const other = joining.has(replica) ? copied(replica) : undefined;
        if (other === undefined || lvol.owns(Math.floor(offset / clusterBytes))) return lvol;
        if (offset + length > other.sizeBytes) return lvol;
        const [right, wrong] = [Buffer.alloc(length), Buffer.alloc(length)];
        lvol.read(offset, right);
        other.read(offset, wrong);
        if (!right.equals(wrong)) {
          liveness.noteBytes({
            lvolName: replica,
            offsetBytes: offset,
            lengthBytes: length,
            how: `read from ${other.name}`,
          });
        }
        return other;
      },
    };
  },
};
