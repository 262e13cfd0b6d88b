import { isBackingImageLvol } from '../../dataplane/lvol-names.ts';
import { clusterBytes, noteCluster } from '../clusters.ts';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';

export const sizeBecomesAllocation: RunnableFault = {
  kind: 'fault',
  id: 'FM43',
  name: 'size becomes what is allocated',
  model: 'After a restart of the instance manager the size of a backing image is taken from its allocated clusters.',
  copies: [longhorn(10399), longhorn(10969), longhorn(10342)],
  scenarios: ['crash-with-writes-in-flight'],
  parameters: {},
  expected: { findings: ['content', 'backing-image'], wrongBytes: ['zeros'], replica: 'one' },
  // In a small volume, writes cover the clusters that are lost; then only the image's lvol tells.
  neededChecks: ['audit', 'bystander'],
  hooks({ liveness }) {
    return {
      event(event) {
        if (event.kind !== 'crashed') return;
        for (const lvol of event.lvstores.flatMap((store) => store.lvols())) {
          const sizeBytes = lvol.allocatedClusters * clusterBytes;
          if (!isBackingImageLvol(lvol.name) || sizeBytes >= lvol.sizeBytes) continue;
          liveness.note('state', `${lvol.name} has ${String(sizeBytes)} of ${String(lvol.sizeBytes)} bytes`);
          for (const index of lvol.ownedClusters().filter((owned) => owned * clusterBytes >= sizeBytes)) {
            noteCluster(liveness, lvol.name, index, 'past the end of the lvol');
          }
          lvol.resize(sizeBytes);
        }
      },
    };
  },
};
