import { expect, test } from '@playwright/test';
import { judge } from '../../../helpers/verdict/judge.ts';
import { blindVerdicts, upstreamVerdict, withoutDetector } from '../../../scripts/faults/blind.ts';
import { checkOf } from '../../../scripts/faults/checks.ts';
import { history, withEvent } from '../verdict/histories.ts';

test('a sound run stays consistent whatever detector is switched off', () => {
  expect(Object.values(blindVerdicts(history())).every((verdict) => verdict === 'consistent')).toBe(true);
});

test('a lost image is still found without the oracle, without isolation and without audits', () => {
  const broken = history({ longhornVersion: 'v1.8.0', lostImage: true });
  expect(blindVerdicts(broken)).toMatchObject({
    oracle: 'inconsistent',
    isolation: 'inconsistent',
    audit: 'inconsistent',
  });
});

test('wrong from the start on every replica is found by the oracle alone', () => {
  const wrong = history().map((event) => {
    if (event.type !== 'pass') return event;
    const mibSha256 = event.fingerprint.mibSha256.map((digest, mib) => (mib === 0 ? 'f'.repeat(64) : digest));
    return { ...event, fingerprint: { ...event.fingerprint, sha256: 'e'.repeat(64), mibSha256 } };
  });
  expect(judge(wrong).verdict).toBe('inconsistent');
  expect(blindVerdicts(wrong)).toMatchObject({
    oracle: 'consistent',
    isolation: 'inconsistent',
    audit: 'inconsistent',
  });
});

test('a broken lvol graph under right bytes is found by the audit alone', () => {
  const event = {
    type: 'audit-problem',
    phase: 'rebuilt',
    problem: 'allocation-differs',
    replica: 'vol-r-c',
    diskUuid: 'd3',
    detail: 'more than the others',
  } as const;
  const verdicts = blindVerdicts(withEvent(history(), event));
  expect(verdicts).toMatchObject({ audit: 'consistent', oracle: 'inconsistent', isolation: 'inconsistent' });
});

test('without isolation nothing that was read alone is left in the log', () => {
  const left = withoutDetector(history({ lostImage: true }), 'isolation');
  expect(left.some((event) => event.type === 'pass' && event.phase === 'isolated')).toBe(false);
});

test('the upstream method sees what differs between its two checksums, and nothing else', () => {
  const sums = (before: string, after: string) =>
    upstreamVerdict(
      withEvent(withEvent(history(), { type: 'upstream-checksum', moment: 'before', sha256: before }), {
        type: 'upstream-checksum',
        moment: 'after',
        sha256: after,
      }),
    );
  expect(sums('a', 'a')).toBe('missed');
  expect(sums('a', 'b')).toBe('caught');
  expect(sums('a', '')).toBe('caught');
  // Two digests of nothing are not equal.
  expect(sums('', '')).toBe('caught');
  expect(upstreamVerdict(history())).toBe('not measured');
});

test('the checksums of the upstream method are no part of a verdict', () => {
  const odd = withEvent(history(), { type: 'upstream-checksum', moment: 'after', sha256: 'odd' });
  expect(judge(odd)).toEqual(judge(history()));
});

test('every finding of a lost image belongs to a check of the matrix', () => {
  const { findings } = judge(history({ longhornVersion: 'v1.8.0', lostImage: true }));
  expect(new Set(findings.map(checkOf))).toContain('alone');
});
