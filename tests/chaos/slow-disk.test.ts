/** A disk that is slow and right: slowness alone is never a finding, and too much of it is a cause. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { livenessSchema } from '../../scripts/faults/score.ts';
import { verdictOfRun } from '../../scripts/verify/child.ts';
import { runTool } from '../meta/command.ts';

const flags = ['--size', '16Mi', '--image', 'raw', '--reads', '1', '--seed', 'slow', '--verdict-only'];

test('a run on a slow disk ends consistent, and leaves nothing', async () => {
  const { outDir, stdout } = await runTool('verify', [...flags, '--fault', 'N11:read=3,write=3']);
  const [verdict] = (await verdictOfRun(outDir))?.verdicts ?? [];
  expect([verdict?.verdict, verdict?.causes, verdict?.undo.failed], stdout).toEqual(['consistent', [], []]);
  const liveness = livenessSchema.parse(JSON.parse(await readFile(join(outDir, 'fault.json'), 'utf8')));
  expect(liveness.differences).toBeGreaterThan(100);
});

test('a disk that is too slow for the time that a pass may take makes the run inconclusive, and says so', async () => {
  const slow = ['--fault', 'N11:read=5000,write=0', '--pass-timeout', '2'];
  const { outDir, stdout } = await runTool('verify', [...flags, ...slow]);
  const [verdict] = (await verdictOfRun(outDir))?.verdicts ?? [];
  expect([verdict?.verdict, verdict?.findings, verdict?.undo.failed], stdout).toEqual(['inconclusive', [], []]);
  expect(verdict?.causes.join('\n')).toMatch(
    /Baseline pass 0 gave no result: probe pass: .*not finished within 2000 ms/,
  );
});
