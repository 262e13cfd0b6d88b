import type { Control } from '../fault.ts';

export const replicaOnAnotherDisk: Control = {
  kind: 'control',
  id: 'N8',
  name: 'replica replaced on another disk',
  model: "The rebuilt replica is on a disk that had none, so its image's lvol carries another disk's UUID.",
  copies: [],
  parameters: {},
  hooks({ liveness }) {
    return {
      event(event) {
        if (event.kind !== 'rebuild-step' || event.step !== 'destination-head') return;
        const { sourceStore, destinationStore, destinationReplica } = event;
        if (sourceStore.uuid === destinationStore.uuid) return;
        liveness.note(
          'name',
          `${destinationReplica} is on ${destinationStore.uuid}, its source on ${sourceStore.uuid}`,
        );
      },
    };
  },
};
