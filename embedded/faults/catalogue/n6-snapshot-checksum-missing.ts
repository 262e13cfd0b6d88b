import type { Control } from '../fault.ts';

export const snapshotChecksumMissing: Control = {
  kind: 'control',
  id: 'N6',
  name: 'snapshot checksum on some replicas only',
  model: 'A snapshot checksum is there on one replica and still missing on the others.',
  copies: [],
  parameters: {},
  hooks({ liveness, random }) {
    return {
      event(event) {
        if (event.kind !== 'snapshot-created' || random.integer(2) === 0) return;
        event.lvol.xattrs.set('snapshot_checksum', random.hex(16));
        liveness.note('state', `only ${event.replica} has a checksum of ${event.snapshotName}`);
      },
    };
  },
};
