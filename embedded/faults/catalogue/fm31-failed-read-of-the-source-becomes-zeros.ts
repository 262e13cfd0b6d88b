import { noteCluster, shownBelow } from '../clusters.ts';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';

export const failedSourceReadBecomesZeros: RunnableFault = {
  kind: 'fault',
  id: 'FM31',
  name: 'failed read of the source becomes zeros',
  model:
    'A small write to the joining head needs the rest of the cluster from the source; the read fails and zeros are taken.',
  copies: [longhorn(4354)],
  scenarios: ['writes-during-rebuild'],
  parameters: {
    rate: { kind: 'integer', default: 100, min: 1, max: 100, text: 'percentage of these reads that fail' },
  },
  expected: { findings: ['content', 'passes-disagree'], wrongBytes: ['zeros', 'torn'], replica: 'rebuilt' },
  hooks({ parameters, liveness, random }) {
    return {
      freshCluster({ lvol, index, within, length, backing }) {
        if (backing !== 'esnap' || random.integer(100) >= parameters.integer('rate')) return 'parent';
        const rest = shownBelow(lvol, index).fill(0, within, within + length);
        if (rest.some((byte) => byte !== 0)) {
          noteCluster(liveness, lvol.name, index, `zeros round a write of ${String(length)} bytes`);
        }
        return 'zeros';
      },
    };
  },
};
