import type { UnreachedFault } from '../fault.ts';

export const discardedRanges: UnreachedFault = {
  kind: 'unreached',
  id: 'N4',
  name: 'discarded ranges',
  model: 'A discarded range holds any bytes, the same at every read.',
  copies: [],
  needs: 'discard',
};
