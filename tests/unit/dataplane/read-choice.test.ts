import { expect, test } from '@playwright/test';
import { mapIterationOrder } from '../../../embedded/dataplane/engine/map-order.ts';
import { ReadCounters } from '../../../embedded/dataplane/raid/raid1.ts';
import { seededRandom } from '../../../embedded/dataplane/random.ts';
import { type Passes, seenWithin, shares, slotsOfPasses } from './initiator-model.ts';

const transfer = 128 * 1024;
const seeds = ['one', 'two', 'three'];

function run(options: Partial<Passes> & { replicas: number; depth: number; seed: string }): number[][] {
  return slotsOfPasses({ commandBytes: transfer, commands: 1000, passes: 10, ...options });
}

test('the slot with the fewest outstanding blocks answers, the lowest on a tie', () => {
  const counters = new ReadCounters();
  counters.started(0, 8);
  counters.started(1, 1);
  expect(counters.choose([0, 1])).toBe(1);
  counters.started(1, 7);
  expect(counters.choose([0, 1])).toBe(0);
  expect(counters.choose([1, 2])).toBe(2);
});

/** Shares measured at the real raid1, ground truth §2; the tolerance is in points. */
const measured = [
  { replicas: 2, depth: 1, commandBytes: transfer, share: [100, 0], points: 0 },
  { replicas: 2, depth: 1, commandBytes: 4096, share: [100, 0], points: 0 },
  { replicas: 2, depth: 2, commandBytes: transfer, share: [57, 43], points: 6 },
  { replicas: 2, depth: 4, commandBytes: transfer, share: [57, 43], points: 5 },
  { replicas: 2, depth: 8, commandBytes: transfer, share: [53, 47], points: 3 },
  { replicas: 2, depth: 32, commandBytes: transfer, share: [52, 48], points: 3 },
  { replicas: 2, depth: 32, commandBytes: 4096, share: [52, 48], points: 3 },
  { replicas: 3, depth: 1, commandBytes: transfer, share: [100, 0, 0], points: 0 },
  { replicas: 3, depth: 2, commandBytes: transfer, share: [51, 49, 0], points: 3 },
  { replicas: 3, depth: 4, commandBytes: transfer, share: [50, 27, 23], points: 5 },
  { replicas: 3, depth: 8, commandBytes: transfer, share: [40, 35, 25], points: 4 },
  { replicas: 3, depth: 32, commandBytes: transfer, share: [37, 33, 30], points: 3 },
  { replicas: 3, depth: 32, commandBytes: 4096, share: [36, 34, 31], points: 3 },
];
for (const { replicas, depth, commandBytes, share, points } of measured) {
  test(`${replicas} replicas at depth ${depth} with ${commandBytes / 1024} KiB share the reads as measured`, () => {
    for (const seed of seeds) {
      const seen = shares(run({ replicas, depth, commandBytes, seed }), replicas);
      seen.forEach((percent, slot) => {
        expect(
          Math.abs(percent - (share[slot] ?? 0)),
          `seed ${seed} slot ${slot}: ${percent.toFixed(1)} %`,
        ).toBeLessThanOrEqual(points);
      });
    }
  });
}

test('commands sent at once go round the slots, and every batch begins anew', () => {
  for (const replicas of [2, 3]) {
    const [pass = []] = run({ replicas, depth: 1, commandsPerRequest: 8, passes: 1, seed: 'dd' });
    expect(pass.filter((slot, position) => slot !== (position % 8) % replicas)).toEqual([]);
  }
});

test('at depth 2 the third of three replicas is never asked', () => {
  for (const seed of seeds) expect(run({ replicas: 3, depth: 2, seed }).flat()).not.toContain(2);
});

/** Ground truth §3: seen within 1, 2, 3, 5, 10 passes. */
const detection = [
  { replicas: 2, depth: 8, slot: 1, seen: [0.47, 0.69, 0.86, 0.95, 0.99] },
  { replicas: 2, depth: 32, slot: 1, seen: [0.5, 0.8, 0.89, 0.96, 0.97] },
  { replicas: 3, depth: 8, slot: 2, seen: [0.26, 0.44, 0.56, 0.73, 0.93] },
  { replicas: 3, depth: 32, slot: 2, seen: [0.28, 0.49, 0.62, 0.79, 0.93] },
];
for (const { replicas, depth, slot, seen } of detection) {
  test(`slot ${slot} of ${replicas} at depth ${depth} is seen within k passes about as often as measured`, () => {
    for (const seed of seeds) {
      const passes = run({ replicas, depth, seed });
      [1, 2, 3, 5, 10].forEach((k, position) => {
        const chance = seenWithin(passes, slot, k);
        expect(
          Math.abs(chance - (seen[position] ?? 0)),
          `seed ${seed} k ${k}: ${chance.toFixed(2)}`,
        ).toBeLessThanOrEqual(0.09);
      });
    }
  });
}

test('the same seed gives the same passes', () => {
  const options = { replicas: 3, depth: 8, seed: 'again' };
  expect(run(options)).toEqual(run(options));
});

test('an attach mostly keeps the order of the replica map and sometimes rotates it', () => {
  const counts = new Map<string, number>();
  for (let attach = 0; attach < 2000; attach++) {
    const order = mapIterationOrder(['a', 'b', 'c'], seededRandom('slots', attach)).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['abc', 'bca', 'cab']);
  const kept = (counts.get('abc') ?? 0) / 2000;
  expect(kept).toBeGreaterThan(0.5);
  expect(kept).toBeLessThan(0.7);
});
