import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { runTool } from './command.ts';

const serve = fileURLToPath(new URL('serve-candidate.ts', import.meta.url));

test('bisect brings each candidate onto a cluster that is not there yet, and finds the one that went bad', async ({}, testInfo) => {
  const directory = testInfo.outputPath('cluster');
  await mkdir(directory, { recursive: true });
  // What serves on must not hold this command's streams.
  const prepare = `'${process.execPath}' --import tsx '${serve}' '${directory}' >/dev/null 2>&1`;
  const target = ['--context', 'embedded', '--kubeconfig', join(directory, 'kubeconfig'), '--prepare', prepare];
  const releases = ['--images', '1.8.1,1.9.0-rc2', '--good', '1.8.1', '--bad', '1.9.0-rc2'];
  try {
    const flags = ['--size', '16Mi', '--image', 'raw', '--reads', '1', '--seed', 'bisect'];
    const result = await runTool('bisect', [...releases, ...target, ...flags]);
    expect(result.stdout).toContain('The first bad one is 1.9.0-rc2; 1.8.1, right before it, is good.');
    expect(result.stdout).toContain('longhorn/longhorn#10909');
    expect(result.exitCode, result.stderr).toBe(0);
  } finally {
    process.kill(Number(await readFile(join(directory, 'pid'), 'utf8')));
  }
});
