import { clusterBytes, formerTenant, noteCluster, shown } from '../clusters.ts';
import { page, spdkCommit } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { backingImageOf } from '../../dataplane/engine/replica-chain.ts';

export const growthShowsOldBytes: RunnableFault = {
  kind: 'fault',
  id: 'FM42',
  name: 'growth shows old bytes',
  model: "What an expansion adds is not zero: the disk's former tenant, or the parent once more, stands there.",
  copies: [
    spdkCommit('00311abc73'),
    page(
      'ceph parent overlap',
      'https://review.tizen.org/git/?a=commit&h=a9e8ba2cb3eb64cf6cfa509d096ef79bc1c827ae&p=platform%2Fkernel%2Flinux-rpi.git',
    ),
  ],
  scenarios: ['volume-expansion'],
  parameters: {
    shows: { kind: 'choice', default: 'tenant', choices: ['tenant', 'parent'], text: 'whose bytes' },
    clusters: {
      kind: 'integer',
      default: 1,
      min: 1,
      max: 1000,
      text: 'how many of the new clusters, from the last back',
    },
  },
  expected: { findings: ['content', 'passes-disagree'], wrongBytes: ['garbage', 'other-offset'], replica: 'all' },
  neededChecks: ['oracle'],
  hooks({ parameters, liveness, seed }) {
    return {
      event(event) {
        if (event.kind !== 'replica-expanded') return;
        const { lvol, fromBytes } = event;
        const count = lvol.sizeBytes / clusterBytes;
        const first = Math.max(fromBytes / clusterBytes, count - 1 - parameters.integer('clusters'));
        for (let index = first; index < count - 1; index++) {
          const parent = shown(backingImageOf(lvol), index - first);
          const bytes = parameters.choice('shows') === 'parent' ? parent : formerTenant(seed, lvol.store.uuid, index);
          if (bytes.every((byte) => byte === 0)) continue;
          lvol.adoptCluster(index, bytes);
          noteCluster(liveness, lvol.name, index, 'old bytes where the volume has grown');
        }
      },
    };
  },
};
