import type { UnreachedFault } from '../fault.ts';

export const deviceGrows: UnreachedFault = {
  kind: 'unreached',
  id: 'N9',
  name: 'device grows',
  model: 'The device is larger after an expansion and its old range is unchanged.',
  copies: [],
  needs: 'expansion',
};
