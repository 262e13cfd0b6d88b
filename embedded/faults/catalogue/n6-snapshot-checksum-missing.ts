import { forgetChecksums, storedChecksum } from '../../dataplane/blobstore/snapshot-checksums.ts';
import { isSnapshotLvolOf } from '../../dataplane/lvol-names.ts';
import type { Control } from '../fault.ts';

export const snapshotChecksumMissing: Control = {
  kind: 'control',
  id: 'N6',
  name: 'snapshot checksum on some replicas only',
  model:
    'A snapshot checksum is there on one replica and missing on the rebuilt one, where it is still to be computed.',
  copies: [],
  parameters: {},
  scenarios: ['outdated-replica-rebuild'],
  hooks({ liveness }) {
    return {
      event(event) {
        if (event.kind !== 'rebuild-step' || event.step !== 'mark-read-write') return;
        for (const lvol of event.destinationStore.lvols()) {
          if (!isSnapshotLvolOf(event.destinationReplica, lvol.name) || storedChecksum(lvol) === '') continue;
          forgetChecksums(lvol);
          liveness.note('state', `${lvol.name} has no checksum any more, the source's snapshot has`);
        }
      },
    };
  },
};
