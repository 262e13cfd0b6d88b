import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { combine } from '../../../helpers/verdict/combine.ts';
import type { RunEvent, RunEventBody } from '../../../helpers/verdict/events.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import type { VerdictName } from '../../../helpers/verdict/verdict.ts';
import { history, rebuilt, withEvent, without } from './histories.ts';

const greenness: Record<VerdictName, number> = { inconsistent: 0, inconclusive: 1, consistent: 2 };

const finding: fc.Arbitrary<RunEventBody> = fc.oneof(
  fc.record({
    type: fc.constant('audit-problem' as const),
    phase: fc.constantFrom('attached' as const, 'rebuilt' as const, 'isolated' as const),
    problem: fc.constantFrom('left-behind' as const, 'allocation-differs' as const, 'snapshot-names-differ' as const),
    replica: fc.constantFrom(rebuilt.replica, 'vol-r-unknown'),
    diskUuid: fc.constant(rebuilt.diskUuid),
    detail: fc.string(),
  }),
  fc.record({ type: fc.constant('forbidden-observation' as const), where: fc.string(), text: fc.string() }),
);

const doubt: fc.Arbitrary<RunEventBody> = fc.oneof(
  fc.record({ type: fc.constant('trouble' as const), what: fc.string(), message: fc.string() }),
  fc.record({
    type: fc.constant('pass-lost' as const),
    phase: fc.constantFrom('rebuilt' as const, 'isolated' as const),
    index: fc.nat(9),
    reason: fc.string(),
  }),
);

const someHistory: fc.Arbitrary<RunEvent[]> = fc
  .record({
    lostImage: fc.boolean(),
    cut: fc.nat(60),
    dropped: fc.constantFrom('pass', 'plan', 'rebuild-proven', 'none'),
  })
  .map(({ lostImage, cut, dropped }) => {
    const events = without(history({ lostImage }), ({ type }) => type === dropped);
    return cut < 30 ? events : events.slice(0, -(cut - 30));
  });

test('adding a finding never makes a verdict greener, and adding a doubt never does', () => {
  fc.assert(
    fc.property(someHistory, finding, doubt, (events, found, doubted) => {
      const before = judge(events).verdict;
      expect(judge(withEvent(events, found)).verdict).toBe('inconsistent');
      expect(greenness[judge(withEvent(events, doubted)).verdict]).toBeLessThanOrEqual(Math.min(1, greenness[before]));
    }),
    { numRuns: 60 },
  );
});

test('the order in which passes, blocks and audit problems were logged does not change the verdict', () => {
  const events = history({ longhornVersion: 'v1.8.0', lostImage: true });
  const movable = (event: RunEvent): boolean =>
    ['pass', 'wrong-blocks', 'audit-problem', 'observed'].includes(event.type);
  const moved = events.filter(movable);
  const expected = judge(events);
  fc.assert(
    fc.property(fc.shuffledSubarray(moved, { minLength: moved.length }), (shuffled) => {
      const rest = [...shuffled];
      const mixed = events.map((event) => (movable(event) ? (rest.shift() ?? event) : event));
      expect(judge(mixed)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('a run of several images is as good as the worst of them', () => {
  const consistent = judge(history());
  const inconsistent = judge(history({ lostImage: true }));
  const inconclusive = judge(without(history(), ({ type }) => type === 'rebuild-proven'));
  expect(combine([consistent, consistent])).toMatchObject({ verdict: 'consistent', exitCode: 0 });
  expect(combine([consistent, inconclusive])).toMatchObject({ verdict: 'inconclusive', exitCode: 2 });
  expect(combine([inconclusive, inconsistent, consistent])).toMatchObject({ verdict: 'inconsistent', exitCode: 1 });
  expect(combine([inconclusive, inconsistent]).headline).toBe(inconsistent.headline);
  expect(combine([])).toMatchObject({ verdict: 'inconclusive', exitCode: 2 });
});
