import { expect, test } from '@playwright/test';
import {
  discardedAgainContent,
  discardedContent,
  discardAgainStage,
  discardStage,
  withDiscards,
} from '../../../helpers/oracle/discard-plan.ts';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import type { PlannedWrite } from '../../../helpers/oracle/plan.ts';
import { planOfContent, stageWrites } from '../../../helpers/oracle/recipe.ts';
import { lookAtDiscarded } from '../../../helpers/oracle/discarded.ts';

const smallest = (seed: string) =>
  makePlan({ seed, imageFormat: 'raw', volumeSizeBytes: 16 * 2 ** 20, replicaCount: 2, reads: 1 });
const plan = withDiscards(smallest('settle'));
const discarded = planOfContent(plan, discardedContent);

/** A device that does with discarded ranges what `change` says. */
function settle(change: (found: Buffer, offsetBytes: number) => void) {
  const oracle = createOracle(discarded);
  const look = lookAtDiscarded(discarded);
  for (const { offsetBytes, lengthBytes } of look.ranges) {
    const found = Buffer.alloc(lengthBytes);
    oracle.expectedInto(offsetBytes, found);
    change(found, offsetBytes);
    look.look(offsetBytes, found);
  }
  return look.result();
}

const end = ({ offsetBytes, lengthBytes }: PlannedWrite): number => offsetBytes + lengthBytes;

test('in the smallest volume, whatever the seed, there are whole clusters and parts of both kinds', () => {
  for (let seed = 0; seed < 20; seed++) {
    const writes = stageWrites(withDiscards(smallest(String(seed))), discardStage);
    const purposes = (kind: PlannedWrite['kind']) =>
      writes.filter((one) => one.kind === kind).map((one) => one.purpose);
    expect(purposes('discard')).toEqual(
      expect.arrayContaining(['a whole cluster written over image data', 'a whole cluster written beyond the image']),
    );
    expect(purposes('discard')).toContain('across a cluster edge into a written cluster');
    expect(purposes('write-zeroes')).toEqual(
      expect.arrayContaining(['one sector of image data', 'across the end of the image']),
    );
    for (const generation of [3, 4, 5]) {
      const alike = writes.filter((one) => one.generation === generation).sort((a, b) => a.offsetBytes - b.offsetBytes);
      alike.slice(1).forEach((one, index) => expect(one.offsetBytes).toBeGreaterThanOrEqual(end(alike[index] ?? one)));
    }
  }
});

test('a device that keeps what was discarded leaves the content as it was', () => {
  const { settled, wrongBlocks, bytes } = settle(() => undefined);
  expect([settled, wrongBlocks, bytes.zeros, bytes.ones]).toEqual([[], [], 0, 0]);
  expect(bytes.unchanged).toBeGreaterThan(2 ** 20);
});

for (const [leaves, value] of [
  ['zeros', 0],
  ['ones', 0xff],
] as const) {
  test(`a device that leaves ${leaves} is held to them, and what was written since is not touched`, () => {
    const { settled, wrongBlocks } = settle((found) => found.fill(value));
    expect(wrongBlocks).toEqual([]);
    const oracle = createOracle(planOfContent(plan, { ...discardedContent, settled }));
    const kept = createOracle(discarded);
    for (const { offsetBytes, lengthBytes, rangeClass } of oracle.rangeClassSummary()) {
      const [now, before] = [Buffer.alloc(lengthBytes), Buffer.alloc(lengthBytes)];
      oracle.expectedInto(offsetBytes, now);
      kept.expectedInto(offsetBytes, before);
      if (rangeClass !== 'discarded') expect(now.equals(before)).toBe(true);
      else if (!before.every((byte) => byte === 0))
        expect(now.every((byte) => byte === value || byte === 0)).toBe(true);
    }
    // What is discarded once more afterwards keeps what the first discard left.
    const again = planOfContent(plan, { ...discardedAgainContent, settled });
    expect(() => createOracle(again).fingerprint()).not.toThrow();
  });
}

test('a discard that brings the parent or other data back is told, with what it is', () => {
  const parent = createOracle({ ...plan, writes: [] });
  const [write] = stageWrites(plan, discardStage).filter(
    ({ purpose }) => purpose === 'a whole cluster written over image data',
  );
  const { wrongBlocks, settled } = settle((found, offsetBytes) => {
    if (write !== undefined && offsetBytes >= write.offsetBytes && offsetBytes < end(write))
      parent.expectedInto(offsetBytes, found);
  });
  expect(settled).toEqual([]);
  expect(new Set(wrongBlocks.map(({ rangeClass, wrongByteKind }) => `${rangeClass} ${wrongByteKind}`))).toEqual(
    new Set(['discarded parent-shows-through']),
  );
});

test('what an earlier discard left is settled: a later look takes note of the latest discards only', () => {
  const { settled } = settle((found) => found.fill(0));
  const again = planOfContent(plan, { ...discardedAgainContent, settled });
  const fresh = stageWrites(plan, discardAgainStage).filter(({ kind }) => kind === 'discard');
  const { ranges } = lookAtDiscarded(again);
  expect(ranges.length).toBeGreaterThan(0);
  for (const { offsetBytes, lengthBytes } of ranges) {
    const covering = fresh.filter((one) => one.offsetBytes <= offsetBytes && offsetBytes + lengthBytes <= end(one));
    expect(covering).toHaveLength(1);
  }
  // The others are in the look before it, and what they read as then is what every later pass must show.
  const earlier = lookAtDiscarded(discarded).ranges.filter(
    ({ offsetBytes }) => !fresh.some((one) => one.offsetBytes <= offsetBytes && offsetBytes < end(one)),
  );
  expect(earlier.length).toBeGreaterThan(0);
});
