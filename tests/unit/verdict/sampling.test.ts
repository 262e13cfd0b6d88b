import { expect, test } from '@playwright/test';
import type { PassShape } from '../../../helpers/oracle/plan.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import type { Sampling } from '../../../helpers/verdict/verdict.ts';
import { history, withEvent, withPasses } from './histories.ts';

/** What is said about a run of four passes after the rebuild and one after reattaching, by two replicas, so shaped. */
function samplingOf(shapeOf: (index: number) => Partial<PassShape>): Sampling | null {
  const events = ['rebuilt', 'reattached'] as const;
  const shaped = events.reduce(
    (all, phase) => withPasses(all, phase, (pass) => ({ ...pass, shape: { ...pass.shape, ...shapeOf(pass.index) } })),
    history(),
  );
  return judge(shaped).sampling;
}

test('passes with one request in flight ask one replica for ever: however many, they count as one look', () => {
  const sampling = samplingOf(() => ({ depth: 1 }));
  expect(sampling).toMatchObject({ passes: 5, independentPasses: 0, missOneRequest: 0.5, missEightRequests: 0.5 });
  expect(samplingOf(() => ({ depth: 3 }))).toMatchObject({ independentPasses: 0 });
});

test('a pass that repeats the shape of another adds nothing: it is answered by the same replicas in the same places', () => {
  const alike = { requestBytes: 131_072, phaseBytes: 0, depth: 8 };
  expect(samplingOf(() => alike)).toMatchObject({ passes: 5, independentPasses: 2 });
  expect(samplingOf((index) => ({ ...alike, phaseBytes: 4096 * index }))).toMatchObject({ independentPasses: 5 });
});

test('of several volumes it is said of the one that was read least: passes of the others say nothing of it', () => {
  const events = withPasses(history(), 'rebuilt', (pass) => ({
    ...pass,
    content: pass.index === 0 ? 'volume 1' : 'volume 2',
  }));
  const expected = events.find(({ type }) => type === 'plan');
  if (expected?.type !== 'plan') throw new Error('the history has a plan');
  const named = ['volume 1', 'volume 2'].reduce(
    (all, name) => withEvent(all, { type: 'content', recipe: { name, stages: [] }, expected: expected.expected }),
    events.filter((event) => event.type !== 'pass' || event.phase !== 'reattached'),
  );
  expect(judge(named).sampling).toMatchObject({ passes: 1, independentPasses: 1, missOneRequest: 0.5 });
});

test('the chance of missing a fault is that of missing it in every independent pass', () => {
  const sampling = samplingOf((index) => ({ requestBytes: 131_072, phaseBytes: 4096 * index, depth: 4 }));
  expect(sampling).toMatchObject({
    replicas: 2,
    missAtDepthOne: 0.5,
    missOneRequest: 0.5 ** 5,
    missEightRequests: 0.5 ** 40,
  });
});
