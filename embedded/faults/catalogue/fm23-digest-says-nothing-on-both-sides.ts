import { longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const digestSaysNothing: UnreachedFault = {
  kind: 'unreached',
  id: 'FM23',
  name: 'digest says nothing on both sides',
  model: 'The range checksum answers zeros at source and target, which are then equal.',
  copies: [longhorn(10950)],
  needs: 'a replica that is used again after a failure',
};
