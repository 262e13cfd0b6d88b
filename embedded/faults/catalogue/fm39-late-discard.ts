import { pull } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const lateDiscard: UnreachedFault = {
  kind: 'unreached',
  id: 'FM39',
  name: 'late discard',
  model: 'A discard takes effect after its range was written again.',
  copies: [pull('cloud-hypervisor/cloud-hypervisor', 8624)],
  needs: 'discard',
};
