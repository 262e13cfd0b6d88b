import { engineCommit, page } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const deltaIgnoresGrownTail: UnreachedFault = {
  kind: 'unreached',
  id: 'FM28',
  name: 'delta ignores a grown tail',
  model: 'A replica that failed before an expansion is resynchronised up to the old size.',
  copies: [engineCommit('58e01286'), page('VMware 2090639', 'https://kb.vmware.com/kb/2090639')],
  needs: 'expansion, and a replica that is used again',
};
