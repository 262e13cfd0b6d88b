import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { RunVerdict } from '../../helpers/verdict/verdict.ts';
import { replayCommand } from '../../reports/replay.ts';
import { livenessSchema } from '../../scripts/faults/score.ts';
import { runTool } from './command.ts';

test('what one rebuild takes from another is found in the volume and the replica that it came to', async () => {
  const flags = [
    '--scenario',
    'parallel-rebuilds',
    '--volumes',
    '2',
    '--fault',
    'X10',
    '--seed',
    's1',
    '--verdict-only',
  ];
  const result = await runTool('verify', [...flags, '--size', '16Mi', '--image', 'raw', '--topology', 'single-node']);
  expect(result.exitCode, result.stdout).toBe(1);
  const file = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(result.outDir, name), 'utf8'));
  const { verdicts } = (await file('verdict.json')) as RunVerdict;
  const { changed } = livenessSchema.parse(await file('fault.json'));
  const alone = (verdicts[0]?.findings ?? []).filter(
    (finding) => finding.kind === 'content' && finding.phase === 'isolated',
  );
  for (const { title } of alone) {
    expect(title).toMatch(/^Rebuilt replica \S+ on disk \S+ alone \(volume [12]\): .* hold another volume's data/);
  }
  // Each rebuild may have taken from the other: as many are blamed as were struck, and these.
  const blamed = alone.map((finding) => (finding.kind === 'content' ? finding.blamed?.replica : undefined));
  expect(blamed.length).toBeGreaterThan(0);
  expect(blamed.sort()).toEqual(changed.map(({ replica }) => replica).sort());
  expect(replayCommand(verdicts)).toContain('--scenario parallel-rebuilds --volumes 2 ');
});

test('a defect that hits all rebuilds is named for each volume, by the blocks of that volume', async () => {
  const flags = ['--scenario', 'parallel-rebuilds', '--volumes', '2', '--longhorn', '1.8.0', '--verdict-only'];
  const result = await runTool('verify', [...flags, '--size', '16Mi', '--image', 'raw', '--seed', 's1']);
  const { verdicts } = JSON.parse(await readFile(join(result.outDir, 'verdict.json'), 'utf8')) as RunVerdict;
  const contents = verdicts.flatMap(({ findings }) => findings.filter((finding) => finding.kind === 'content'));
  const alone = contents.filter(({ phase }) => phase === 'isolated');
  expect(alone.map(({ content }) => content).sort(), result.stdout).toEqual(['volume 1', 'volume 2']);
  for (const { citations } of alone) {
    expect(citations).toMatchObject([{ issue: 'longhorn/longhorn#10340', relation: 'known-defect' }]);
  }
});

for (const { what, flags, says } of [
  {
    what: 'a number of volumes for a scenario with one',
    flags: ['--volumes', '3'],
    says: '--volumes needs --scenario parallel-rebuilds',
  },
  {
    what: 'more volumes than eight',
    flags: ['--scenario', 'parallel-rebuilds', '--volumes', '9'],
    says: '--volumes wants a whole number',
  },
]) {
  test(`${what} is wrong usage`, async () => {
    const result = await runTool('verify', flags);
    expect(result.exitCode).toBe(64);
    expect(result.stderr).toContain(says);
  });
}
