import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import fc from 'fast-check';
import { seededRandom } from '../../../helpers/oracle/seeded-random.ts';

function draw(seed: string, stream: string, count = 8): number[] {
  const random = seededRandom(seed, stream);
  return Array.from({ length: count }, () => random.u32());
}

test('a stream gives the numbers that earlier plans were made with', () => {
  // Changing these numbers makes every stored seed replay another plan.
  assert.deepEqual(draw('longhorn', 'writes', 4), [1756564670, 838625019, 572742114, 1298897320]);
});

test('streams of one seed differ, and so do seeds', () => {
  assert.notDeepEqual(draw('a', 'image'), draw('a', 'writes'));
  assert.notDeepEqual(draw('a', 'image'), draw('b', 'image'));
  // Seed and stream do not run together.
  assert.notDeepEqual(draw('ab', 'c'), draw('a', 'bc'));
});

test('a whole number stays in its range and reaches both ends', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 1, max: 6 }),
      (seed, from, span) => {
        const random = seededRandom(seed, 'range');
        const drawn = new Set(Array.from({ length: 300 }, () => random.int(from, from + span)));
        assert.deepEqual(
          [...drawn].sort((a, b) => a - b),
          Array.from({ length: span }, (_, index) => from + index),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('a shuffle keeps every element and an empty range is refused', () => {
  const random = seededRandom('s', 'shuffle');
  const list = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = random.shuffle(list);
  assert.notDeepEqual(shuffled, list);
  assert.deepEqual(
    [...shuffled].sort((a, b) => a - b),
    list,
  );
  assert.throws(() => random.int(3, 3), RangeError);
  assert.throws(() => random.pick([]), RangeError);
});
