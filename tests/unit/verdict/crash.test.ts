/** A crash with writes in flight, as the verdict sees it. */
import { expect, test } from '@playwright/test';
import { makeChurn } from '../../../helpers/oracle/churn-layout.ts';
import type { RunEvent, RunEventBody } from '../../../helpers/verdict/events.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import { history, rebuilt, source, withEvent } from './histories.ts';

const doubtful = [
  { offsetBytes: 4096, lengthBytes: 1024, generation: 1010, beforeGeneration: 1004 },
  { offsetBytes: 65536, lengthBytes: 512, generation: 1011 },
];
const churned: RunEventBody = {
  type: 'churned',
  phase: 'baseline',
  state: { acknowledged: [10, 11, 12, 13] },
  inFlight: 2,
  writes: 46,
  bytes: 100_000,
  flushed: false,
  reads: { requests: 40, bytes: 5_242_880, sweeps: 1 },
};
const settled: Extract<RunEventBody, { type: 'settled' }> = {
  type: 'settled',
  phase: 'recovered',
  content: 'settled',
  replicas: [source.replica, rebuilt.replica],
  doubtful,
  landed: doubtful.slice(0, 1),
  unstable: [],
  reads: 32,
};

/** A run whose plan has writes that go on, and those events. */
function crashed(...bodies: RunEventBody[]): RunEvent[] {
  const events = history().map((event) =>
    event.type === 'plan' ? { ...event, plan: { ...event.plan, churn: makeChurn(event.plan) } } : event,
  );
  return bodies.reduce<RunEvent[]>((all, body) => withEvent(all, body), events);
}

test('writes in flight that came to rest, there or not, are consistent', () => {
  const { verdict, causes } = judge(crashed(churned, settled));
  expect([verdict, causes]).toEqual(['consistent', []]);
});

test('writes in flight at whose fate nobody looked make the run inconclusive', () => {
  const { verdict, causes } = judge(crashed(churned));
  expect(verdict).toBe('inconclusive');
  expect(causes).toEqual(['Nobody looked at what became of the writes that were in flight at a crash.']);
  expect(judge(crashed(churned, settled, churned)).verdict).toBe('inconclusive');
});

test('a write that some reads show and others do not is a finding of its own, in its own words', () => {
  const unstable = [{ ...(doubtful[0] as (typeof doubtful)[number]), reads: 32, landedReads: 9 }];
  const { verdict, findings } = judge(crashed(churned, { ...settled, unstable }));
  expect(verdict).toBe('inconsistent');
  expect(findings.map(({ kind }) => kind)).toEqual(['unstable-in-flight']);
  expect(findings[0]?.title).toBe(
    'Writes in flight at a crash are neither there nor not there: 1 KiB in 1 stretch differ between reads after recovery by 2 replicas',
  );
  expect(findings[0]?.evidence.join('\n')).toContain(
    '9 of 32 reads showed generation 1010, the others what was there before',
  );
});

test('a write that had come to rest and changes later is unstable too, beside the wrong content', () => {
  const later: RunEventBody = {
    type: 'wrong-blocks',
    phase: 'rebuilt',
    index: 0,
    content: 'settled',
    replicas: [source.replica, rebuilt.replica],
    blocks: [
      {
        offsetBytes: 4096,
        lengthBytes: 512,
        rangeClass: 'written',
        wrongByteKind: 'older-generation',
        foundGeneration: 1004,
        detail: 'older',
      },
      {
        offsetBytes: 65536,
        lengthBytes: 512,
        rangeClass: 'written',
        wrongByteKind: 'garbage',
        foundGeneration: 1011,
        detail: 'newer',
      },
      {
        offsetBytes: 8192,
        lengthBytes: 512,
        rangeClass: 'written',
        wrongByteKind: 'older-generation',
        detail: 'another place',
      },
    ],
    inspectedBytes: 1_048_576,
    truncated: false,
  };
  const { findings } = judge(crashed(churned, settled, later));
  const unstable = findings.find((finding) => finding.kind === 'unstable-in-flight');
  expect(unstable?.stretches.map(({ offsetBytes, landedReads }) => [offsetBytes, landedReads])).toEqual([
    [4096, 32],
    [65536, 1],
  ]);
  expect(findings.some(({ kind }) => kind === 'content')).toBe(true);
});

test('a lost acknowledged write, in a place where another one was in flight, is wrong content and not unstable', () => {
  const older = (offsetBytes: number, foundGeneration: number): RunEventBody => ({
    type: 'wrong-blocks',
    phase: 'recovered',
    index: 0,
    content: 'settled',
    replicas: [source.replica, rebuilt.replica],
    blocks: [
      {
        offsetBytes,
        lengthBytes: 512,
        rangeClass: 'written',
        wrongByteKind: 'older-generation',
        foundGeneration,
        detail: 'older',
      },
    ],
    inspectedBytes: 512,
    truncated: false,
  });
  const kindsOf = (later: RunEventBody, more: Partial<typeof settled> = {}): string[] =>
    judge(crashed(churned, { ...settled, ...more }, later)).findings.map(({ kind }) => kind);
  // It showed the write in flight; what it shows now is older than what was acknowledged before that.
  expect(kindsOf(older(4096, 1001))).toEqual(['content']);
  // It never showed the write in flight.
  expect(kindsOf(older(4096, 1004), { landed: [] })).toEqual(['content']);
  expect(kindsOf(older(4096, 1004))).toContain('unstable-in-flight');
});

test('wrong blocks of another content, or torn ones, say nothing about writes in flight', () => {
  const block = { offsetBytes: 4096, lengthBytes: 512, rangeClass: 'written' as const, detail: 'a block' };
  const event = {
    type: 'wrong-blocks',
    phase: 'rebuilt',
    index: 0,
    replicas: [source.replica],
    inspectedBytes: 1,
    truncated: false,
  } as const;
  const torn: RunEventBody = { ...event, content: 'settled', blocks: [{ ...block, wrongByteKind: 'torn' }] };
  const other: RunEventBody = { ...event, content: 'churned', blocks: [{ ...block, wrongByteKind: 'zeros' }] };
  const kinds = judge(crashed(churned, settled, torn, other)).findings.map(({ kind }) => kind);
  expect(kinds).not.toContain('unstable-in-flight');
  expect(kinds).toContain('content');
});
