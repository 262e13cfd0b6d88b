import type { Control } from '../fault.ts';

export const systemSnapshotsKept: Control = {
  kind: 'control',
  id: 'N5',
  name: 'rebuild snapshots stay',
  model:
    'Automatic clean-up of system snapshots is off, so the snapshots that rebuilds make pile up on every replica alike.',
  copies: [],
  parameters: {},
  settings: { 'auto-cleanup-system-generated-snapshot': 'false' },
  hooks({ liveness }) {
    return {
      event(event) {
        if (event.kind === 'snapshot-created' && !event.userCreated) {
          liveness.note('state', `system snapshot ${event.snapshotName} of ${event.replica} stays`);
        }
      },
    };
  },
};
