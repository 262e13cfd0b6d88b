import { engineCommit, longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const snapshotNotAtomic: UnreachedFault = {
  kind: 'unreached',
  id: 'FM35',
  name: 'snapshot not atomic across replicas',
  model: 'One replica freezes its head earlier than the others, so snapshots differ and heads do not.',
  copies: [longhorn(8977), engineCommit('a88e3cf0')],
  needs: 'user snapshots under writes, read one by one',
};
