import { engineCommit, longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const neighbourDeletesSharedParent: UnreachedFault = {
  kind: 'unreached',
  id: 'FM06',
  name: 'neighbour deletes the shared parent',
  model: 'The cleanup after a rebuild takes lvols of other volumes for its own and deletes them, the image among them.',
  copies: [longhorn(10527), engineCommit('270f3ac4'), engineCommit('d5af844d')],
  needs: 'a bystander volume on the same image and disks',
};
