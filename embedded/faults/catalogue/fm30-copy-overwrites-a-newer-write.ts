import { page } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const copyOverwritesNewerWrite: UnreachedFault = {
  kind: 'unreached',
  id: 'FM30',
  name: 'copy overwrites a newer write',
  model: 'A cluster is read at the source, written by the host, and then overwritten by the copy.',
  copies: [page('DRBD 9.2.14', 'https://github.com/LINBIT/drbd/blob/drbd-9.2/ChangeLog')],
  needs: 'writes during the rebuild',
};
