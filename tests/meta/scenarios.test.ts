import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { RunVerdict } from '../../helpers/verdict/verdict.ts';
import { runTool } from './command.ts';

test('on a sound release, writes during a rebuild and an interrupted rebuild are consistent', async () => {
  const scenarios = ['writes-during-rebuild', 'interrupted-rebuild'];
  const flags = ['--scenario', scenarios.join(','), '--size', '16Mi', '--reads', '1', '--image', 'raw'];
  const result = await runTool('verify', [...flags, '--seed', 'live', '--verdict-only']);
  const text = await readFile(join(result.outDir, 'verdict.json'), 'utf8');
  const { verdicts } = JSON.parse(text) as RunVerdict;
  expect(verdicts.map(({ scenario, verdict, causes }) => [scenario, verdict, causes])).toEqual(
    scenarios.map((scenario) => [scenario, 'consistent', []]),
  );
  expect(result.exitCode, result.stdout).toBe(0);
});
