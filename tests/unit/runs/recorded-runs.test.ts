/** What the suite saw of a real Longhorn (`recorded/README.md`), and what the embedded cluster shows of the same plan. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { readEvents } from '../../../helpers/eventlog/reader.ts';
import { judge } from '../../../helpers/verdict/judge.ts';
import type { Verdict } from '../../../helpers/verdict/verdict.ts';
import { runTool, verdictOf } from '../../meta/command.ts';

async function recorded(version: '1.8.0' | '1.8.1'): Promise<Verdict> {
  return judge(await readEvents(fileURLToPath(new URL(`recorded/longhorn-${version}.jsonl`, import.meta.url))));
}

/**
 * What is found, without names of replicas and disks. Which MiBs are wrong is compared where one replica alone answers:
 * with two of them it is a matter of which one was asked.
 */
function foundIn({ findings }: Verdict) {
  return findings.map((finding) => ({
    kind: finding.kind,
    issues: finding.citations.map(({ issue }) => issue),
    ...(finding.kind === 'content' && finding.phase === 'isolated' ? { wrongMibs: finding.wrongMibs } : {}),
  }));
}

test('a real 1.8.0 is judged inconsistent, by content, by passes and by its chain, and longhorn/longhorn#10340 is named', async () => {
  const verdict = await recorded('1.8.0');
  expect(verdict.target).toBe('kind-v2-verifier');
  expect(verdict.verdict).toBe('inconsistent');
  expect(verdict.headline).toContain('longhorn/longhorn#10340');
  const found = foundIn(verdict);
  expect(found.map(({ kind }) => kind)).toEqual(['content', 'passes-disagree', 'lvol-chain', 'content']);
  for (const { issues } of found) expect(issues).toEqual(['longhorn/longhorn#10340']);
  expect(found[0]?.wrongMibs).toEqual([3, 5, 9, 10, 14, 17, 18, 19, 20, 21, 22, 23, 24, 25, 29, 30]);
  const after = verdict.passes.find(({ phase }) => phase === 'rebuilt');
  expect(after).toMatchObject({ right: 0 });
});

test('a real 1.8.1 is judged consistent, its rebuilt replicas alone among what was read', async () => {
  const verdict = await recorded('1.8.1');
  expect(verdict.findings).toEqual([]);
  expect(verdict.causes).toEqual([]);
  expect(verdict.verdict).toBe('consistent');
  expect(verdict.passes.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['isolated', 'isolated-second']));
});

for (const { version, reads } of [
  { version: '1.8.0', reads: '6' },
  { version: '1.8.1', reads: '3' },
] as const) {
  test(`the embedded ${version} shows of the same plan what the real one showed, MiB for MiB`, async () => {
    const flags = ['--longhorn', version, '--seed', 'real1', '--reads', reads, '--size', '64Mi', '--image', 'raw'];
    const result = await runTool('verify', flags);
    const embedded = await verdictOf(result, 'raw');
    const real = await recorded(version);
    expect(embedded.target).toBe('embedded');
    expect(embedded.verdict).toBe(real.verdict);
    expect(foundIn(embedded)).toEqual(foundIn(real));
    // What a controller of the embedded Longhorn cannot do it tries for ever; it says so once.
    const failures = `${result.stdout}\n${result.stderr}`
      .split('\n')
      .filter((line) => line.includes('will try again:'));
    expect(failures).toEqual([...new Set(failures)]);
  });
}
