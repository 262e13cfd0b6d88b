import { longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const sizeBecomesAllocation: UnreachedFault = {
  kind: 'unreached',
  id: 'FM43',
  name: 'size becomes what is allocated',
  model: 'After a restart the size of an lvol is taken from its allocated clusters.',
  copies: [longhorn(10399), longhorn(10969), longhorn(10342)],
  needs: 'a restart of an instance manager',
};
