/** Rebuilds that do not go through: one loses its source, after which Longhorn has to salvage the volume, one never ends. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { RunVerdict } from '../../helpers/verdict/verdict.ts';
import { replayCommand } from '../../reports/replay.ts';
import { runTool, verdictOf } from './command.ts';

test('a rebuild whose source is lost half-way is made good, and the replay says how it was interrupted', async () => {
  const flags = [
    '--scenario',
    'interrupted-rebuild',
    '--interruption',
    'source',
    '--seed',
    'salvage',
    '--verdict-only',
  ];
  const result = await runTool('verify', [...flags, '--size', '16Mi', '--reads', '1', '--image', 'raw']);
  const { verdicts } = JSON.parse(await readFile(join(result.outDir, 'verdict.json'), 'utf8')) as RunVerdict;
  expect(verdicts.map(({ verdict, causes, findings }) => [verdict, causes, findings])).toEqual([
    ['consistent', [], []],
  ]);
  expect(verdicts[0]?.subject?.interruption).toBe('source');
  expect(replayCommand(verdicts)).toContain('--interruption source');
  expect(result.exitCode).toBe(0);
});

test('an interruption without a scenario that interrupts is wrong usage', async () => {
  const result = await runTool('verify', ['--interruption', 'node']);
  expect(result.exitCode).toBe(64);
  expect(result.stderr).toContain('--interruption needs --scenario interrupted-rebuild');
});

test('a rebuild that takes too long is inconclusive, and what is left of the volume was read', async () => {
  const flags = ['--fault', 'N10:delay=4000', '--rebuild-timeout', '1', '--size', '16Mi', '--reads', '1'];
  const result = await runTool('verify', [...flags, '--image', 'raw', '--seed', 'endless', '--verdict-only']);
  const { verdict, causes, findings, passes } = await verdictOf(result, 'raw');
  expect({ verdict, findings }).toEqual({ verdict: 'inconclusive', findings: [] });
  expect(causes.join('\n')).toMatch(/waited 1 s for rebuild of volume/);
  expect(passes.find(({ phase }) => phase === 'degraded')).toMatchObject({ passes: 1, right: 1 });
});
