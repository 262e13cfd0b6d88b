import { longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const branchFlattened: UnreachedFault = {
  kind: 'unreached',
  id: 'FM09',
  name: 'branch flattened',
  model: 'Of a tree of snapshots that a revert made, only the active branch is rebuilt right.',
  copies: [longhorn(7596)],
  needs: 'user snapshots and a branch by revert',
};
