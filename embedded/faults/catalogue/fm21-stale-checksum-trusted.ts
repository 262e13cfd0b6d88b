import { formerTenant, noteCluster } from '../clusters.ts';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { rot, uncoveredClusters } from '../rotten.ts';

export const staleChecksumTrusted: RunnableFault = {
  kind: 'fault',
  id: 'FM21',
  name: 'stale checksum trusted',
  model: 'A snapshot rots after it was hashed, and its checksum lets it pass as intact when the replica is used again.',
  copies: [longhorn(9922), longhorn(1298)],
  scenarios: ['outdated-replica-rebuild'],
  parameters: {},
  expected: {
    findings: ['content', 'snapshot-checksum'],
    wrongBytes: ['garbage', 'other-volume', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ liveness, random, seed }) {
    return {
      event(event) {
        if (event.kind !== 'snapshot-reuse' || event.reuse !== 'intact') return;
        const candidates = uncoveredClusters(event.source);
        const index = candidates[random.integer(Math.max(1, candidates.length))];
        if (index === undefined) return;
        rot(event.existing, index, formerTenant(seed, event.existing.name, index));
        noteCluster(liveness, event.existing.name, index, 'rotted, and counts as intact');
      },
    };
  },
};
