import { clusterBytes } from '../clusters.ts';
import type { Control } from '../fault.ts';

export const thickImageCopy: Control = {
  kind: 'control',
  id: 'N1',
  name: 'same bytes, thick on one disk',
  model:
    "One disk's copy of the image owns clusters of zeros where the others have holes; every visible byte is equal.",
  copies: [],
  parameters: {},
  hooks({ liveness }) {
    let copies = 0;
    return {
      event(event) {
        if (event.kind !== 'image-copied') return;
        copies += 1;
        if (copies !== 1) return;
        const { lvol } = event;
        for (let index = 0; index < lvol.table.length; index++) {
          if (lvol.owns(index)) continue;
          lvol.adoptCluster(index, Buffer.alloc(clusterBytes));
          liveness.note('state', `cluster ${String(index)} of ${lvol.name} is allocated`);
        }
      },
    };
  },
};
