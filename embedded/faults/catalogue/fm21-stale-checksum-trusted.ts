import { longhorn } from '../defects.ts';
import type { UnreachedFault } from '../fault.ts';

export const staleChecksumTrusted: UnreachedFault = {
  kind: 'unreached',
  id: 'FM21',
  name: 'stale checksum trusted',
  model: 'A snapshot rots after it was hashed, and its checksum lets it pass as intact when the replica is used again.',
  copies: [longhorn(9922), longhorn(1298)],
  needs: 'a replica that is used again after a failure',
};
