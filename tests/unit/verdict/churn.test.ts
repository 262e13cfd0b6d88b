/** Writes that went on during the rebuild, as the verdict sees them. */
import { expect, test } from '@playwright/test';
import { makeChurn } from '../../../helpers/oracle/churn-layout.ts';
import type { RunEvent, RunEventBody } from '../../../helpers/verdict/events.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import { history, rebuilt, source, withEvent } from './histories.ts';

const churned: Extract<RunEventBody, { type: 'churned' }> = {
  type: 'churned',
  phase: 'rebuilding',
  state: { acknowledged: [40, 41, 42, 43] },
  inFlight: 0,
  writes: 166,
  bytes: 1_000_000,
  flushed: true,
  reads: { requests: 100, bytes: 13_107_200, sweeps: 1 },
};

/** A consistent run of a plan that has writes that go on. */
function planned(): RunEvent[] {
  return history().map((event) =>
    event.type === 'plan' ? { ...event, plan: { ...event.plan, churn: makeChurn(event.plan) } } : event,
  );
}

test('a run whose writes went on, flushed and read among, is consistent and counts what the reads covered', () => {
  const before = judge(history());
  const verdict = judge(withEvent(planned(), churned));
  expect([verdict.verdict, verdict.causes]).toEqual(['consistent', []]);
  expect(verdict.bytes.compared - before.bytes.compared).toBe(churned.reads.bytes);
});

for (const { claim, events, cause } of [
  { claim: 'that never went on', events: planned(), cause: /No write was acknowledged of those that were to go on/ },
  {
    claim: 'of which none was acknowledged',
    events: withEvent(planned(), { ...churned, writes: 0 }),
    cause: /No write was acknowledged/,
  },
  {
    claim: 'that were not flushed',
    events: withEvent(planned(), { ...churned, flushed: false }),
    cause: /writes that went on during the rebuild were not flushed/,
  },
  {
    claim: 'without a read among them',
    events: withEvent(planned(), { ...churned, reads: { requests: 0, bytes: 0, sweeps: 0 } }),
    cause: /Nothing was read during the rebuild/,
  },
]) {
  test(`writes ${claim} make the run inconclusive, never consistent`, () => {
    const { verdict, causes } = judge(events);
    expect(verdict).toBe('inconclusive');
    expect(causes.join('\n')).toMatch(cause);
  });
}

test('a read during the rebuild that its history does not explain is a finding, blamed on nobody alone', () => {
  const block = {
    offsetBytes: 4096,
    lengthBytes: 512,
    rangeClass: 'written' as const,
    wrongByteKind: 'older-generation' as const,
    detail: 'expected written data (generation 7) at LBA 8, found generation 3',
  };
  const replicas = [rebuilt.replica, source.replica].sort();
  const seen: RunEventBody = {
    type: 'wrong-blocks',
    phase: 'rebuilding',
    index: 0,
    content: 'churning',
    replicas,
    blocks: [block],
    inspectedBytes: churned.reads.bytes,
    truncated: false,
  };
  const { verdict, findings } = judge(withEvent(withEvent(planned(), churned), seen));
  expect(verdict).toBe('inconsistent');
  expect(findings).toMatchObject([
    { kind: 'content', phase: 'rebuilding', blamed: null, replicas, wrongByteKinds: { 'older-generation': 512 } },
  ]);
});
