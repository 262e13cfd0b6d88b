import { expect, test } from '@playwright/test';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import { planOfContent } from '../../../helpers/oracle/recipe.ts';
import {
  deletion,
  headContent,
  lineToBranch,
  passesAfterDeletionOf,
  snapshotContents,
  snapshotPasses,
  snapshotStages,
  withSnapshots,
} from '../../../helpers/oracle/snapshot-plan.ts';

const mib = 1024 * 1024;
const planOf = (seed: string) =>
  withSnapshots(makePlan({ seed, imageFormat: 'raw', volumeSizeBytes: 16 * mib, replicaCount: 2, reads: 1 }));
const seeds = ['a', 'b', 'c', 'd', 'e', 'f'];

test('the branch begins at one of the older snapshots, and the seed says at which', () => {
  expect(new Set(seeds.map((seed) => planOf(seed).snapshots?.branchFrom))).toEqual(new Set(['s1', 's2']));
  expect(planOf('a')).toEqual(planOf('a'));
});

for (const seed of seeds.slice(0, 3)) {
  test(`seed ${seed}: every content differs from every other, near the first sector and in clusters of its own`, () => {
    const plan = planOf(seed);
    const oracles = [...snapshotContents(plan), headContent(plan)].map((content) =>
      createOracle(planOfContent(plan, content)),
    );
    const prints = oracles.map((oracle) => oracle.fingerprint());
    expect(new Set(prints.map(({ sha256 }) => sha256)).size).toBe(prints.length);
    // The first sector is written in each stage: a layer that is taken for another always shows there.
    expect(new Set(prints.map(({ mibSha256 }) => mibSha256[0])).size).toBe(prints.length);
  });

  test(`seed ${seed}: later stages have higher generations, so that an older layer is known as such`, () => {
    const plan = planOf(seed);
    const ranges = ['second', 'third', 'branch', 'head'].map((stage) => {
      const generations = (plan.stages?.[stage] ?? []).map(({ generation }) => generation);
      return [Math.min(...generations), Math.max(...generations)] as const;
    });
    const pattern = Math.max(...plan.writes.map(({ generation }) => generation));
    for (const [index, [lowest]] of ranges.entries()) {
      expect(lowest).toBeGreaterThan(index === 0 ? pattern : (ranges[index - 1]?.[1] ?? 0));
    }
  });
}

test('a branch has the stages of its trunk and none that came after it', () => {
  const plan = planOf('a');
  const trunk = snapshotContents(plan).find(({ name }) => name === plan.snapshots?.branchFrom)?.stages ?? [];
  expect(headContent(plan).stages).toEqual([...trunk, 'branch', 'head']);
  expect(snapshotStages(plan).map(({ stage }) => stage)).toEqual(['pattern', 'second', 'third', 'branch']);
  expect(
    lineToBranch(plan)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['s1', 's2', 's3']);
  expect(lineToBranch(plan).at(-1)?.name).toBe(plan.snapshots?.branchFrom);
});

test('every planned pass over a snapshot belongs to one reader of one snapshot, or comes after the deletion', () => {
  const plan = planOf('a');
  const readings = snapshotContents(plan).flatMap(({ name }) => [
    ...(name === plan.snapshots?.branch ? [] : [snapshotPasses(plan, 'together', name)]),
    snapshotPasses(plan, 'source', name),
    snapshotPasses(plan, 'rebuilt', name),
  ]);
  const ranges = [...readings, passesAfterDeletionOf(plan)];
  const indices = ranges.flatMap(([from, end]) => Array.from({ length: end - from }, (_, at) => from + at));
  expect(indices.sort((a, b) => a - b)).toEqual(plan.passes.snapshot?.map((_, index) => index));
});

test('what is deleted has one child, and that is the one that is read afterwards', () => {
  const seen = new Set<string>();
  for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const plan = planOf(seed);
    const { branchFrom = '' } = plan.snapshots ?? {};
    const { deleted, heir } = deletion(plan);
    expect(deleted.name).not.toBe(branchFrom);
    expect(heir.stages.slice(0, -1)).toEqual(deleted.stages);
    seen.add(branchFrom);
  }
  expect([...seen].sort()).toEqual(['s1', 's2']);
});
