import { expect, test } from '@playwright/test';
import {
  expansionContents,
  expandedDegradedStage,
  expandedStage,
  withExpansion,
} from '../../../helpers/oracle/expansion-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import { planOfContent, stageWrites } from '../../../helpers/oracle/recipe.ts';
import { planOf } from './plans.ts';

const plan = withExpansion(planOf());
const contents = expansionContents(plan);
const twoMib = 2 * 1024 * 1024;

test('the volume grows to sizes that Longhorn does not round', () => {
  const sizes = [contents.grown, contents.grownAgain].map(({ sizeBytes = 0 }) => sizeBytes);
  expect(sizes.map((size) => size % twoMib)).toEqual([0, 0]);
  expect(sizes[0]).toBeGreaterThan(plan.volume.sizeBytes);
  expect(sizes[1]).toBeGreaterThan(sizes[0] ?? 0);
});

test('what a growth adds is zeros beyond the image, and the old range is what it was', () => {
  const before = createOracle(plan);
  const after = createOracle(planOfContent(plan, contents.grown));
  const old = plan.volume.sizeBytes;
  expect(after.rangeClassAt(old)).toBe('beyond-image');
  expect(after.expectsZeros(old, (contents.grown.sizeBytes ?? 0) - old)).toBe(true);
  expect(after.fingerprint().mibSha256.slice(0, old / 2 ** 20)).toEqual(before.fingerprint().mibSha256);
});

for (const [stage, from, content] of [
  [expandedStage, plan.volume.sizeBytes, contents.grownWritten],
  [expandedDegradedStage, contents.grown.sizeBytes ?? 0, contents.grownAgainWritten],
] as const) {
  test(`stage ${stage} writes on both sides of the old end and at the new one, and leaves zeros between`, () => {
    const to = content.sizeBytes ?? 0;
    const writes = stageWrites(plan, stage);
    const end = ({ offsetBytes, lengthBytes }: (typeof writes)[number]): number => offsetBytes + lengthBytes;
    expect(writes.some((write) => write.offsetBytes < from && end(write) > from)).toBe(true);
    expect(writes.some((write) => end(write) === to)).toBe(true);
    expect(writes.every((write) => end(write) <= to)).toBe(true);
    const oracle = createOracle(planOfContent(plan, content));
    const untouched = oracle.rangeClassSummary().filter(({ offsetBytes }) => offsetBytes >= from);
    expect(untouched.some(({ rangeClass }) => rangeClass === 'beyond-image')).toBe(true);
  });
}
