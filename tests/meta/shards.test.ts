import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import type { RunVerdict } from '../../helpers/verdict/verdict.ts';
import { toolArguments } from '../../scripts/verify/child.ts';
import { runTool, toolEnvironment } from './command.ts';

// On a release whose runs end at their first step: what is claimed is how two machines' runs become one.
const flags = ['--longhorn', '1.12.1', '--size', '16Mi', '--seed', 'shards'];

test('two shards, each with one story, become one run with one verdict and one report', async () => {
  const first = await runTool('verify', [...flags, '--shard', '1/2']);
  const second = await runTool('verify', [...flags, '--shard', '2/2']);
  const outDir = join(await mkdtemp(join(tmpdir(), 'verifier-meta-')), 'merged');
  const argv = toolArguments('merge', [first.outDir, second.outDir, '--out', outDir]);
  const merge = await execa(process.execPath, argv, { reject: false, env: toolEnvironment(), extendEnv: false });
  expect(merge.exitCode, merge.stderr).toBe(2);
  const merged = JSON.parse(await readFile(join(outDir, 'verdict.json'), 'utf8')) as RunVerdict;
  expect(merged.verdicts.map(({ image, seed }) => [image, seed])).toEqual([
    ['raw', 'shards'],
    ['qcow2', 'shards'],
  ]);
  expect(merged.headline).toContain('not supported since Longhorn 1.12.0');
  const junit = await readFile(join(outDir, 'junit.xml'), 'utf8');
  expect(junit).toContain('raw backing image');
  expect(junit).toContain('qcow2 backing image');
  expect(await readFile(join(outDir, 'allure', 'index.html'), 'utf8')).not.toBe('');
});
