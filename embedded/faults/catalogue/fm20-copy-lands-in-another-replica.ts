import { longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const copyLandsInAnotherReplica: UnreachedFault = {
  kind: 'unreached',
  id: 'FM20',
  name: 'copy lands in another replica',
  model: "A stale address is used again: clusters of one volume are copied into another's rebuilding lvol.",
  copies: [longhorn(5709), longhorn(5845), longhorn(6078)],
  needs: 'a bystander volume that is rebuilt at the same time',
};
