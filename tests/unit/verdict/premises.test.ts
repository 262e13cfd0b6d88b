import { expect, test } from '@playwright/test';
import type { RunEvent, RunEventBody } from '../../../helpers/verdict/events.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import { history, rebuilt, source, withEvent, without, withPasses } from './histories.ts';

/** A run whose plan has another stage of writes, with discards in it, and those events. */
function withDiscardingStage(...bodies: RunEventBody[]): RunEvent[] {
  const events = history().map((event) => {
    if (event.type !== 'plan') return event;
    const [write] = event.plan.writes;
    if (write === undefined) throw new Error('the plan has writes');
    return { ...event, plan: { ...event.plan, stages: { later: [{ ...write, kind: 'discard' as const }] } } };
  });
  return bodies.reduce<RunEvent[]>((all, body) => withEvent(all, body), events);
}

const later: RunEventBody = { type: 'written', stage: 'later', writes: 1, bytes: 512, flushed: true };
const settled: RunEventBody = {
  type: 'discards-settled',
  phase: 'discarded',
  content: 'later',
  bytes: { unchanged: 512, zeros: 0, ones: 0 },
};

/** Each takes one thing away that a verdict rests on, and names the words that must say so. */
const gaps: readonly { readonly claim: string; readonly events: RunEvent[]; readonly cause: RegExp }[] = [
  {
    claim: 'a rebuild that was never proven',
    events: without(history(), ({ type }) => type === 'rebuild-proven'),
    cause: /No rebuild was proven/,
  },
  {
    claim: 'a killed run',
    events: history().slice(0, -12),
    cause: /The log ends after .* before the run did/,
  },
  { claim: 'a log without a plan', events: without(history(), ({ type }) => type === 'plan'), cause: /no plan/ },
  { claim: 'zero bytes compared', events: without(history(), ({ type }) => type === 'pass'), cause: /Zero bytes/ },
  {
    claim: 'no baseline',
    events: without(history(), (event) => event.type === 'pass' && event.phase === 'baseline'),
    cause: /No baseline pass/,
  },
  {
    claim: 'no pass after the rebuild',
    events: without(history(), (event) => event.type === 'pass' && event.phase === 'rebuilt'),
    cause: /No pass after the rebuild/,
  },
  {
    claim: 'no isolation',
    events: without(history(), (event) => event.type === 'pass' && event.phase === 'isolated'),
    cause: /No pass with one replica alone/,
  },
  {
    claim: 'the wrong replica isolated',
    events: withPasses(history(), 'isolated', (pass) => ({ ...pass, replicas: [source.replica] })),
    cause: /never read alone/,
  },
  {
    claim: 'a second rebuilt replica that nobody read alone',
    events: withEvent(history(), {
      type: 'rebuild-proven',
      removed: 'other-r-00000001',
      rebuilt: { ...rebuilt, replica: 'other-r-00000002' },
      sources: [{ ...source, replica: 'other-r-00000003' }],
      evidence: [],
    }),
    cause: /rebuilt replica other-r-00000002 was never read alone/,
  },
  {
    claim: 'fewer rebuilds than volumes',
    events: history().map((event) =>
      event.type === 'plan' ? { ...event, plan: { ...event.plan, volumes: 3 } } : event,
    ),
    cause: /rebuilds of 2 volumes were not proven/,
  },
  {
    claim: 'no pass after reattaching',
    events: without(history(), (event) => event.type === 'pass' && event.phase === 'reattached'),
    cause: /No pass after reattaching/,
  },
  {
    claim: 'fewer passes than planned',
    events: without(history(), (event) => event.type === 'pass' && event.phase === 'rebuilt' && event.index === 3),
    cause: /1 planned pass after the rebuild never ran/,
  },
  {
    claim: 'a lost pass',
    events: withEvent(history(), { type: 'pass-lost', phase: 'rebuilt', index: 9, reason: 'connection lost' }),
    cause: /Rebuilt pass 9 gave no result: connection lost/,
  },
  {
    claim: 'an empty pass',
    events: withPasses(history(), 'rebuilt', (pass) => ({
      ...pass,
      fingerprint: { byteCount: 0, sha256: '', mibSha256: [] },
    })),
    cause: /read zero bytes/,
  },
  {
    claim: 'a pass that contradicts itself',
    events: withPasses(history(), 'rebuilt', (pass) => ({
      ...pass,
      fingerprint: { ...pass.fingerprint, sha256: 'ab'.repeat(32) },
    })),
    cause: /contradicts/,
  },
  {
    claim: 'source and target on one disk',
    events: history({ longhornVersion: 'v1.8.0', rebuildOn: { ...rebuilt, diskUuid: source.diskUuid } }),
    cause: /same disk, disk node-1\/block-disk-1/,
  },
  {
    claim: 'a single replica',
    events: history().map((event) => {
      if (event.type !== 'plan') return event;
      return { ...event, plan: { ...event.plan, volume: { ...event.plan.volume, replicaCount: 1 } } };
    }),
    cause: /single replica/,
  },
  {
    claim: 'writes that were not flushed',
    events: history().map((event) => (event.type === 'written' ? { ...event, flushed: false } : event)),
    cause: /not flushed/,
  },
  {
    claim: 'a later stage that was never written',
    events: withDiscardingStage(settled),
    cause: /stage later were never made/,
  },
  {
    claim: 'a later stage that was not flushed',
    events: withDiscardingStage({ ...later, flushed: false }, settled),
    cause: /stage later were not flushed/,
  },
  {
    claim: 'discards that nobody looked at',
    events: withDiscardingStage(later),
    cause: /Nobody looked at what discarded ranges read as/,
  },
  {
    claim: 'an unmet premise',
    events: withEvent(history(), { type: 'premise', name: 'V2 volume', state: 'unmet', detail: 'the engine is v1' }),
    cause: /V2 volume: the engine is v1/,
  },
  {
    claim: 'trouble on the way',
    events: withEvent(history(), { type: 'trouble', what: 'watch of replicas', message: 'ECONNRESET' }),
    cause: /watch of replicas: ECONNRESET/,
  },
  {
    claim: 'a failed step',
    events: withEvent(history(), { type: 'step', title: 'Detach', state: 'failed', error: 'timed out' }),
    cause: /Step "Detach" failed: timed out/,
  },
];

for (const { claim, events, cause } of gaps) {
  test(`${claim} makes a run inconclusive and says why`, () => {
    const verdict = judge(events);
    expect(verdict.causes.join('\n')).toMatch(cause);
    expect(verdict).toMatchObject({ verdict: 'inconclusive', exitCode: 2, findings: [] });
  });
}

test('later stages that were written, and discards that were looked at, are no cause', () => {
  expect(judge(withDiscardingStage(later, settled))).toMatchObject({ verdict: 'consistent', causes: [] });
});

test('an empty log is inconclusive', () => {
  expect(judge([])).toMatchObject({ verdict: 'inconclusive', exitCode: 2, target: 'unknown', rebuild: null });
});

test('a killed run with a finding is inconsistent and still says what it does not know', () => {
  const whole = history({ longhornVersion: 'v1.8.0', lostImage: true });
  const isolation = whole.findIndex((event) => event.type === 'step' && event.title.startsWith('Isolation'));
  const verdict = judge(whole.slice(0, isolation + 1));
  expect(verdict).toMatchObject({ verdict: 'inconsistent', exitCode: 1, finished: false });
  expect(verdict.causes.join('\n')).toMatch(/in step "Isolation/);
  expect(verdict.findings.flatMap(({ citations }) => citations).map(({ issue }) => issue)).toContain(
    'longhorn/longhorn#10340',
  );
});

test('what was skipped or could not be undone is a note, not a cause', () => {
  let events = withEvent(history(), { type: 'lvol-audit-skipped', phase: 'rebuilt', reason: 'no permission' });
  events = withEvent(events, { type: 'undo', what: 'setting x', outcome: 'failed', detail: 'conflict' });
  const verdict = judge(events);
  expect(verdict.verdict).toBe('consistent');
  expect(verdict.notes).toEqual(['Not audited (rebuilt): no permission', 'Not undone: setting x: conflict']);
});
