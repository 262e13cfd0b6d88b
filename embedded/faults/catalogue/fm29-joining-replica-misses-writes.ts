import { commit } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const joiningReplicaMissesWrites: UnreachedFault = {
  kind: 'unreached',
  id: 'FM29',
  name: 'joining replica misses writes',
  model: 'The replica that joins is not in the set that is written.',
  copies: [commit('openebs/mayastor', 'ea4902ca')],
  needs: 'writes during the rebuild',
};
