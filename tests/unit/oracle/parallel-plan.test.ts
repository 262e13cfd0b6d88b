import { expect, test } from '@playwright/test';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import {
  passesOfVolume,
  volumeContent,
  volumeName,
  withParallelVolumes,
} from '../../../helpers/oracle/parallel-plan.ts';
import { planOfContent } from '../../../helpers/oracle/recipe.ts';
import { planOf } from './plans.ts';

const plan = withParallelVolumes(planOf(), 4);
const numbers = [1, 2, 3, 4];
const oracles = numbers.map((number) => createOracle(planOfContent(plan, volumeContent(number))));
const placesOf = (oracle: (typeof oracles)[number]): number[] =>
  oracle.rangeClassSummary().flatMap(({ rangeClass, offsetBytes }) => (rangeClass === 'written' ? [offsetBytes] : []));

test('a block of any volume in any other is known to be of another volume, and of which', () => {
  for (const [reader, own] of oracles.entries()) {
    for (const [owner, other] of oracles.entries()) {
      if (reader === owner) continue;
      for (const offsetBytes of placesOf(other)) {
        const found = new Uint8Array(512);
        other.expectedInto(offsetBytes, found);
        const [block] = own.classify({ offsetBytes, found });
        expect(block).toMatchObject({ wrongByteKind: 'other-volume' });
        expect(block?.detail).toContain(`found data of ${volumeName(owner + 1)}, LBA ${String(offsetBytes / 512)},`);
      }
    }
  }
});

test('each is written in places of its own, and all show the same image', () => {
  expect(new Set(oracles.map((oracle) => placesOf(oracle).join())).size).toBe(4);
  expect(new Set(oracles.map((oracle) => oracle.imageSha512())).size).toBe(1);
});

test('every pass of a phase is one volume’s, and no volume is read twice alike', () => {
  for (const phase of ['baseline', 'rebuilt', 'isolated'] as const) {
    const shapes = plan.passes[phase];
    const parts = numbers.map((number) => shapes.slice(...passesOfVolume(plan, phase, number)));
    expect(parts.flat()).toEqual(shapes);
    expect(new Set(parts.map((part) => part.length)).size).toBe(1);
    for (const part of parts) expect(new Set(part.map((shape) => JSON.stringify(shape))).size).toBe(part.length);
  }
});

test('more volumes change nothing of those that there were', () => {
  const more = withParallelVolumes(planOf(), 8);
  expect(more.stages?.['volume 3']).toEqual(plan.stages?.['volume 3']);
  expect(more.passes.rebuilt.slice(0, plan.passes.rebuilt.length)).toEqual(plan.passes.rebuilt);
});
