import { expect, test } from '@playwright/test';
import { judge } from '../../../helpers/verdict/judge.ts';
import type { RunEvent } from '../../../helpers/verdict/events.ts';
import type { Verdict } from '../../../helpers/verdict/verdict.ts';
import {
  fingerprintOf,
  history,
  imageOnlyMibs,
  planFor,
  rebuilt,
  source,
  victim,
  withEvent,
  without,
  withPasses,
} from './histories.ts';

function issuesOf(verdict: Verdict): string[] {
  return [
    ...new Set(
      verdict.findings.flatMap(({ citations }) => citations.map(({ issue, relation }) => `${issue} ${relation}`)),
    ),
  ];
}

test('a whole sound run is consistent', () => {
  const verdict = judge(history());
  expect(verdict.causes).toEqual([]);
  expect(verdict.findings).toEqual([]);
  expect(verdict).toMatchObject({ verdict: 'consistent', exitCode: 0, target: 'embedded', finished: true });
  expect(verdict.bytes.compared).toBe(8 * 64 * 1024 * 1024);
});

test('a sound run of two volumes says that both rebuilt replicas were read alone; nothing was said before the second was', () => {
  const other = { ...rebuilt, replica: 'other-r-00000002' };
  const sources = [{ ...source, replica: 'other-r-00000003' }];
  const two = history().map((event) =>
    event.type === 'plan' ? { ...event, plan: { ...event.plan, volumes: 2 } } : event,
  );
  const removed = 'other-r-00000001';
  const proven = withEvent(two, { type: 'rebuild-proven', removed, rebuilt: other, sources, evidence: [] });
  expect(judge(proven).verdict).toBe('inconclusive');
  const isolated = proven.find((event) => event.type === 'pass' && event.phase === 'isolated');
  if (isolated?.type !== 'pass') throw new Error('the history has a pass in isolation');
  const verdict = judge(withEvent(proven, { ...isolated, index: 1, replicas: [other.replica] }));
  expect(verdict.causes).toEqual([]);
  expect(verdict.headline).toContain(', each of 2 rebuilt replicas alone included.');
});

test('1.8.0 without the backing image is inconsistent, names replica and disk, lists exactly the lost blocks, cites #10340', () => {
  const verdict = judge(history({ longhornVersion: 'v1.8.0', lostImage: true }));
  expect(verdict).toMatchObject({ verdict: 'inconsistent', exitCode: 1 });
  const [first] = verdict.findings;
  expect(first).toMatchObject({
    kind: 'content',
    phase: 'isolated',
    blamed: rebuilt,
    wrongMibs: imageOnlyMibs(planFor(64)),
    complete: true,
  });
  expect(first?.title).toContain(`${rebuilt.replica} on disk node-3/block-disk-3`);
  expect(first?.title).toContain('of image data read as zeros');
  expect(Object.keys(first?.kind === 'content' ? first.wrongByteKinds : {})).toEqual(['zeros']);
  expect(verdict.findings.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['content', 'passes-disagree', 'lvol-chain']),
  );
  expect(issuesOf(verdict)).toEqual(['longhorn/longhorn#10340 known-defect']);
});

test('what passes by several replicas show is blamed on the replica whose isolation shows all of it', () => {
  const verdict = judge(history({ longhornVersion: 'v1.8.0', lostImage: true }));
  const shared = verdict.findings.find((finding) => finding.kind === 'content' && finding.phase === 'rebuilt');
  expect(shared).toMatchObject({ blamed: rebuilt, replicas: [source.replica, rebuilt.replica].sort() });
});

test('what two replicas show together, and one of them right alone, is on the other by elimination', () => {
  const plan = planFor(64);
  const wrong = withPasses(history(), 'rebuilt', (pass) => ({ ...pass, fingerprint: fingerprintOf(plan, [9]) }));
  const sharedOf = ({ findings }: Verdict) =>
    findings.find((finding) => finding.kind === 'content' && finding.phase === 'rebuilt');
  expect(sharedOf(judge(wrong))).toMatchObject({ blamed: source });
  expect(sharedOf(judge(wrong))?.title).toContain(`on replica ${source.replica} by elimination`);
  const other = withPasses(wrong, 'isolated', (pass) => ({ ...pass, content: 'other' }));
  expect(sharedOf(judge(other))).toMatchObject({ blamed: null });
  const content = (differing: readonly number[]) =>
    ({ type: 'content', recipe: { name: 'other', stages: [] }, expected: fingerprintOf(plan, differing) }) as const;
  expect(sharedOf(judge(withEvent(other, content([3]))))).toMatchObject({ blamed: source });
  const earlier = withPasses(wrong, 'isolated', (pass) => ({ ...pass, tMs: 0 }));
  expect(sharedOf(judge(earlier))).toMatchObject({ blamed: null });
});

test('the same symptom on 1.9.0-rc2 is #10909, on one disk too', () => {
  const verdict = judge(history({ longhornVersion: 'v1.9.0-rc2', lostImage: true }));
  expect(issuesOf(verdict)).toEqual(['longhorn/longhorn#10909 known-defect']);
  const onOneDisk = { ...rebuilt, diskUuid: source.diskUuid, diskName: 'block-disk-1' };
  const sameDisk = judge(history({ longhornVersion: '1.9.0-rc2', lostImage: true, rebuildOn: onOneDisk }));
  expect(sameDisk.verdict).toBe('inconsistent');
  expect(issuesOf(sameDisk)).toEqual(['longhorn/longhorn#10909 known-defect']);
});

test('the same symptom on a release that has neither defect is not claimed, only compared', () => {
  const verdict = judge(history({ longhornVersion: 'v1.11.3', lostImage: true }));
  expect(issuesOf(verdict).sort()).toEqual([
    'longhorn/longhorn#10340 same-symptom',
    'longhorn/longhorn#10909 same-symptom',
  ]);
  expect(verdict.findings[0]?.citations[0]?.words).toContain('fixed in 1.8.1');
});

test('zeros in only a part of the image data are not #10340', () => {
  const plan = planFor(64);
  const [one = 0] = imageOnlyMibs(plan);
  const events = withPasses(history({ longhornVersion: 'v1.8.0' }), 'isolated', (pass) => ({
    ...pass,
    fingerprint: fingerprintOf(plan, [one]),
    wrongMibs: [one],
  }));
  const verdict = judge(events);
  expect(verdict.verdict).toBe('inconsistent');
  expect(issuesOf(verdict)).toEqual([]);
});

test('lost image data under a chain that has its backing image is not #10340', () => {
  const events = without(
    history({ longhornVersion: 'v1.8.0', lostImage: true }),
    ({ type }) => type === 'audit-problem',
  );
  expect(judge(events).verdict).toBe('inconsistent');
  expect(issuesOf(judge(events))).toEqual([]);
});

test("another image's lvol deleted by the rebuild is #10527 up to 1.8.2", () => {
  const gone = {
    type: 'audit-problem',
    phase: 'rebuilt',
    problem: 'backing-image-lvol-changed',
    replica: '',
    diskUuid: rebuilt.diskUuid,
    detail: 'bi-other-disk-5f0c is gone',
  } as const;
  expect(issuesOf(judge(withEvent(history({ longhornVersion: 'v1.8.1' }), gone)))).toEqual([
    'longhorn/longhorn#10527 known-defect',
  ]);
  expect(issuesOf(judge(withEvent(history({ longhornVersion: 'v1.10.2' }), gone)))).toEqual([
    'longhorn/longhorn#10527 same-symptom',
  ]);
});

test('a volume that is wrong before any rebuild is a finding of its own and no rebuild defect', () => {
  const plan = planFor(64);
  const events = withPasses(history({ longhornVersion: 'v1.8.0', lostImage: true }), 'baseline', (pass) => ({
    ...pass,
    fingerprint: fingerprintOf(plan, [5], 'garbage'),
    wrongMibs: [5],
  }));
  const verdict = judge(events);
  expect(verdict.findings[0]).toMatchObject({ kind: 'content', phase: 'baseline', wrongMibs: [5], blamed: null });
  expect(verdict.findings[0]?.title).toMatch(/^Wrong before any rebuild/);
  expect(issuesOf(verdict)).toEqual([]);
});

test('what was wrong before any rebuild is on the replica that is left when none comes, or else on the one that went', () => {
  const plan = planFor(64);
  const wrong = { fingerprint: fingerprintOf(plan, [5], 'garbage'), wrongMibs: [5] };
  const noRebuild = without(history(), ({ type }) => type === 'rebuild-proven');
  const baseline = noRebuild.find((event) => event.type === 'pass' && event.phase === 'baseline');
  if (baseline?.type !== 'pass') throw new Error('the history has no baseline pass');
  const left = { ...baseline, phase: 'degraded' as const, replicas: [source.replica] };
  const titleWith = (pass: typeof left): string => {
    const events = withEvent(
      withPasses(noRebuild, 'baseline', (other) => ({ ...other, ...wrong })),
      pass,
    );
    return judge(events).findings.find(({ title }) => title.startsWith('Wrong before any rebuild'))?.title ?? '';
  };
  expect(titleWith({ ...left, ...wrong })).toContain(`all of which replica ${source.replica} shows alone`);
  expect(titleWith(left)).toContain(`on replica ${victim.replica} by elimination`);
});

test('passes are judged by their digests, not by what the run concluded from them', () => {
  const plan = planFor(64);
  const events = withPasses(history(), 'rebuilt', (pass) =>
    pass.index === 2 ? { ...pass, fingerprint: fingerprintOf(plan, [9]) } : pass,
  );
  const verdict = judge(events);
  expect(verdict.findings.map(({ kind }) => kind)).toEqual(['passes-disagree', 'content']);
  expect(verdict.findings[1]).toMatchObject({ wrongMibs: [9], passes: [2], complete: false });
  expect(verdict.headline).toContain('1 MiB differ, their content was not extracted');
});

test('passes that are wrong in different ways each time drift; two alike alternate', () => {
  const plan = planFor(64);
  const drifting = withPasses(history(), 'rebuilt', (pass) => ({
    ...pass,
    fingerprint: fingerprintOf(plan, [9], `salt ${pass.index}`),
  }));
  const alternating = withPasses(history(), 'rebuilt', (pass) => ({
    ...pass,
    fingerprint: fingerprintOf(plan, pass.index % 2 === 0 ? [9] : []),
  }));
  const behaviour = (verdict: Verdict): unknown => verdict.findings.find(({ kind }) => kind === 'passes-disagree');
  expect(behaviour(judge(drifting))).toMatchObject({ behaviour: 'drifts' });
  expect(behaviour(judge(alternating))).toMatchObject({
    behaviour: 'alternates',
    digests: [
      { passes: 2, right: true },
      { passes: 2, right: false },
    ],
  });
});

test('a device that ends early misses its tail', () => {
  const plan = planFor(64);
  const events = withPasses(history(), 'isolated', (pass) => {
    const whole = fingerprintOf(plan);
    const fingerprint = {
      byteCount: 62 * 1024 * 1024,
      sha256: 'ab'.repeat(32),
      mibSha256: whole.mibSha256.slice(0, 62),
    };
    return { ...pass, fingerprint };
  });
  expect(judge(events).findings[0]).toMatchObject({ kind: 'content', wrongMibs: [62, 63] });
});

test('forbidden log lines and a tool that disagrees are findings', () => {
  const verdict = judge(
    withEvent(
      withEvent(history(), { type: 'forbidden-observation', where: 'instance-manager', text: 'size mismatch' }),
      { type: 'cross-check', tool: 'dd', state: 'disagreed', detail: 'ab… instead of cd…' },
    ),
  );
  expect(verdict.verdict).toBe('inconsistent');
  expect(verdict.findings.map(({ kind }) => kind)).toEqual(['cross-check-disagreed', 'forbidden-observation']);
});

test('what the seed draws for names does not matter: a replica of another name is blamed by its own', () => {
  const other = { ...rebuilt, replica: 'vol-r-ffffffff', diskName: 'nvme-7' };
  const verdict = judge(history({ longhornVersion: 'v1.8.0', lostImage: true, rebuildOn: other }));
  expect(verdict.headline).toContain('vol-r-ffffffff on disk node-3/nvme-7');
});

test('one wrong pass is final: no right one after it, however many, makes it good', () => {
  const plan = planFor(64, 40);
  const events = withPasses(history({ reads: 40 }), 'rebuilt', (pass) =>
    pass.index === 0 ? { ...pass, fingerprint: fingerprintOf(plan, [9]) } : pass,
  );
  expect(judge(events)).toMatchObject({ verdict: 'inconsistent', causes: [] });
});

test('two MiBs that changed places are both wrong, though all digests are there', () => {
  const events = withPasses(history(), 'isolated', (pass) => {
    const swapped = [...pass.fingerprint.mibSha256];
    [swapped[4], swapped[9]] = [swapped[9] ?? '', swapped[4] ?? ''];
    return { ...pass, fingerprint: { ...pass.fingerprint, sha256: 'ab'.repeat(32), mibSha256: swapped } };
  });
  expect(judge(events)).toMatchObject({
    verdict: 'inconsistent',
    findings: [{ phase: 'isolated', wrongMibs: [4, 9] }],
  });
});

test('a replica that cannot be read alone is not known, however right it is while others answer for it', () => {
  const alone = (event: RunEvent): boolean => event.type === 'pass' && event.phase === 'isolated';
  const reason = 'probe pass: read: reading 131072 bytes at 4096 of /dev/v2-verifier failed: EIO';
  const lost = { type: 'pass-lost', phase: 'isolated', index: 0, reason } as const;
  const { verdict, causes } = judge(withEvent(without(history(), alone), lost));
  expect(verdict).toBe('inconclusive');
  expect(causes).toEqual([
    `Isolated pass 0 gave no result: ${reason}`,
    'No pass with one replica alone, so no replica is proven.',
  ]);
});

test('equal snapshot checksums on all replicas excuse no wrong byte: they cannot see a lost parent', () => {
  const snapshot = { snapshot: 's1', allocatedClusters: 3, stored: '11', recomputed: '11', object: '11' };
  const snapshots = [source, rebuilt].map(({ replica, diskUuid }) => ({ ...snapshot, replica, diskUuid }));
  const events = without(history({ lostImage: true }), ({ type }) => type === 'audit-problem');
  const { verdict, findings } = judge(withEvent(events, { type: 'snapshot-checksums', phase: 'rebuilt', snapshots }));
  expect(verdict).toBe('inconsistent');
  expect(findings[0]).toMatchObject({ kind: 'content', phase: 'isolated', wrongMibs: imageOnlyMibs(planFor(64)) });
});

test('a version of the volume’s own data that nothing expects is called a version, and only noise is called garbage', () => {
  const block = (offsetBytes: number, foundGeneration?: number) => ({
    offsetBytes,
    lengthBytes: 4096,
    rangeClass: 'written' as const,
    wrongByteKind: 'garbage' as const,
    ...(foundGeneration === undefined ? {} : { foundGeneration }),
    detail: `a block at ${String(offsetBytes)}`,
  });
  const { findings } = judge(
    withEvent(history(), {
      type: 'wrong-blocks',
      phase: 'isolated',
      index: 0,
      replicas: [rebuilt.replica],
      blocks: [block(0, 9), block(8192)],
      inspectedBytes: 8192,
      truncated: false,
    }),
  );
  const [content] = findings.filter(({ kind }) => kind === 'content');
  expect(content?.title).toContain('4 KiB of written data hold another version, not an older one');
  expect(content?.title).toContain('4 KiB of written data hold garbage');
});
