import { longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const salvageKeepsUnequalReplicas: UnreachedFault = {
  kind: 'unreached',
  id: 'FM47',
  name: 'salvage keeps unequal replicas',
  model: 'After a crash all replicas whose heads own as many clusters stay RW, whatever they hold.',
  copies: [longhorn(8659)],
  needs: 'a crash with writes in flight',
};
