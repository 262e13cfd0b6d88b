import { longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const failedSourceReadBecomesZeros: UnreachedFault = {
  kind: 'unreached',
  id: 'FM31',
  name: 'failed read of the source becomes zeros',
  model:
    'A small write to the joining head needs the rest of the cluster from the source; the read fails and zeros are taken.',
  copies: [longhorn(4354)],
  needs: 'writes during the rebuild',
};
