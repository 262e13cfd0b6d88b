import { longhorn, page } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { noteLost } from '../lost-clusters.ts';
import { volumeOf } from '../rebuilds.ts';

export const halfRebuiltTakenAsWhole: RunnableFault = {
  kind: 'fault',
  id: 'FM27',
  name: 'half-rebuilt replica taken as whole',
  model:
    'After an interruption the next rebuild goes on where the last one ended, on a replica that does not have what was copied until then.',
  copies: [
    longhorn(8659),
    longhorn(7714),
    page(
      'md 1a855a06',
      'https://gerrit-public.fairphone.software/plugins/gitiles/kernel/msm/+/1a855a0606653d2d82506281e2c686bacb4b2f45',
    ),
  ],
  scenarios: ['interrupted-rebuild'],
  parameters: {},
  expected: {
    findings: ['content', 'allocation'],
    wrongBytes: ['zeros', 'parent-shows-through', 'torn'],
    replica: 'rebuilt',
  },
  hooks({ liveness }) {
    /** What a rebuild copied, by its lvol, until it is complete: an interrupted one may learn of its end after the next began. */
    const copied = new Map<string, Set<number>>();
    return {
      event(event) {
        if (event.kind === 'cluster-copied') {
          const clusters = copied.get(event.destination) ?? new Set();
          copied.set(event.destination, clusters.add(event.index));
        }
        if (event.kind === 'rebuild-ended' && event.outcome === 'complete') {
          copied.delete(`${event.destinationReplica}-rebuilding`);
        }
      },
      clustersToCopy({ source, destination, owned }) {
        const there = new Set(
          [...copied].flatMap(([lvol, clusters]) =>
            lvol !== destination.name && volumeOf(lvol) === volumeOf(destination.name) ? [...clusters] : [],
          ),
        );
        for (const index of owned) if (there.has(index)) noteLost(liveness, { source, destination, index });
        return owned.filter((index) => !there.has(index));
      },
    };
  },
};
