import { expect, test } from '@playwright/test';
import type { Verdict } from '../../helpers/verdict/verdict.ts';
import { runTool, verdictOf } from './command.ts';

/** What two runs of one seed must agree on: everything but names that the cluster draws, and times. */
function contentFindings(verdict: Verdict): unknown {
  return verdict.findings.flatMap((finding) =>
    finding.kind === 'content' && finding.phase === 'isolated' ? [{ blocks: finding.blocks }] : [],
  );
}

test('the same seed gives the same plan and the same findings', async () => {
  const flags = [
    '--size',
    '32Mi',
    '--reads',
    '3',
    '--image',
    'raw',
    '--longhorn',
    '1.8.0',
    '--seed',
    'twice',
    '--verdict-only',
  ];
  const [first, second] = await Promise.all([runTool('verify', flags), runTool('verify', flags)]);
  const [a, b] = [await verdictOf(first, 'raw'), await verdictOf(second, 'raw')];
  expect(contentFindings(a)).not.toEqual([]);
  expect(contentFindings(b)).toEqual(contentFindings(a));
  expect(first.stdout).toContain('seed twice');
});
