/** What is made of passes that are wrong or lost: each is recorded as it came, none is made again. */
import { expect, test } from '@playwright/test';
import { readInPasses } from '../../../fixtures/passes.ts';
import type { Run } from '../../../fixtures/run.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import type { Fingerprint } from '../../../helpers/oracle/plan.ts';
import { writtenContent } from '../../../helpers/oracle/recipe.ts';
import type { Subject } from '../../../helpers/longhorn/subject.ts';
import type { ProbeClient } from '../../../helpers/probe/client.ts';
import { ProbeFailed, ProbeNoResult } from '../../../helpers/probe/errors.ts';
import type { RunEventBody } from '../../../helpers/verdict/events.ts';
import { planOf } from '../oracle/plans.ts';

const plan = planOf({ volumeSizeBytes: 16 * 2 ** 20, reads: 6 });
const oracle = createOracle(plan);
const right = oracle.fingerprint();
const wrong: Fingerprint = {
  ...right,
  sha256: 'ab'.repeat(32),
  mibSha256: right.mibSha256.map((digest, mib) => (mib === 3 ? 'cd'.repeat(32) : digest)),
};

const engine = { metadata: { name: 'e' }, spec: {}, status: { replicaModeMap: { a: 'RW', b: 'RW', c: 'ERR' } } };

/** The passes after the rebuild, by a probe that answers so, pass by pass. */
async function readWith(
  answers: readonly (Fingerprint | Error)[],
  { specSizeBytes = plan.volume.sizeBytes } = {},
): Promise<{ events: RunEventBody[]; asked: number }> {
  const events: RunEventBody[] = [];
  let asked = 0;
  const probe = {
    pass: ({ shape }: { shape: object }) => {
      const answer = answers[asked++] ?? right;
      if (answer instanceof Error) return Promise.reject(answer);
      const wrongMibs = answer === wrong ? [3] : [];
      return Promise.resolve({ fingerprint: answer, shape, wrongMibs, wrongBlocks: [], durationMs: 1 });
    },
  } as unknown as ProbeClient;
  const run = {
    plan,
    options: { timeoutsMs: { pass: 1000 } },
    signal: new AbortController().signal,
    client: {
      get: () => Promise.resolve({ spec: { size: String(specSizeBytes) } }),
      list: () => Promise.resolve({ items: [engine] }),
    },
    expect: () => undefined,
    oracleOf: () => oracle,
    record: (event: RunEventBody) => events.push(event),
  } as unknown as Run;
  const subject = { namespace: 'ns', name: 'vol' } as Subject;
  await readInPasses({ run, subject, probe, phase: 'rebuilt', node: 'n', content: writtenContent });
  return { events, asked };
}

test('a wrong pass is recorded, is not read again, and keeps no other from being read', async () => {
  const { events, asked } = await readWith([right, wrong, right]);
  expect(asked).toBe(6);
  const passes = events.flatMap((event) => (event.type === 'pass' ? [event] : []));
  expect(passes.map(({ index, wrongMibs }) => [index, ...wrongMibs])).toEqual([[0], [1, 3], [2], [3], [4], [5]]);
  expect(passes[1]?.fingerprint).toEqual(wrong);
});

test('a lost pass is recorded as lost with its reason, is not made up for, and the next ones are read', async () => {
  const { events, asked } = await readWith([right, new ProbeNoResult('probe pass: the end is unknown')]);
  expect(asked).toBe(6);
  const lost = events.filter(({ type }) => type === 'pass-lost');
  expect(lost).toEqual([{ type: 'pass-lost', phase: 'rebuilt', index: 1, reason: 'probe pass: the end is unknown' }]);
  expect(events.filter(({ type }) => type === 'pass')).toHaveLength(5);
});

test('when every pass is lost the reading ends soon, with an error and not with nothing', async () => {
  const lost = Array.from({ length: 6 }, () => new ProbeNoResult('gone'));
  await expect(readWith(lost)).rejects.toThrow('3 passes in a row gave no result');
});

test('whoever is not counted as failed may have answered a pass', async () => {
  const { events } = await readWith([]);
  expect(events[0]).toMatchObject({ type: 'pass', replicas: ['a', 'b'] });
});

test('a device of another size is told where its volume has the planned one, and only there', async () => {
  const failed = new ProbeFailed('size', 'probe pass: size: the device has 17825792 bytes');
  const told = async (...reading: Parameters<typeof readWith>) =>
    (await readWith(...reading)).events.filter(({ type }) => type === 'audit-problem');
  expect(await told([failed])).toMatchObject([{ problem: 'device-size-differs', phase: 'rebuilt', replica: '' }]);
  expect(await told([failed], { specSizeBytes: 17825792 })).toEqual([]);
  expect(await told([new ProbeFailed('read', 'probe pass: read: EIO')])).toEqual([]);
});
