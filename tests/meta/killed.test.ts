import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { toolEnvironment } from './command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function startVerify(
  outDir: string,
  flags: readonly string[],
): { kill(signal: NodeJS.Signals): boolean; ended: Promise<number> } {
  const child = execa(
    process.execPath,
    ['--import', 'tsx', 'scripts/verify.ts', '--out', outDir, '--size', '64Mi', '--image', 'raw', ...flags],
    { cwd: root, reject: false, env: toolEnvironment(), extendEnv: false, timeout: 800_000, stdin: 'ignore' },
  );
  return { kill: (signal) => child.kill(signal), ended: exitOf(child) };
}

/** The exit of the process itself: what it started may hold its output open for longer. */
function exitOf(child: Pick<ChildProcess, 'once'>): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      resolve(code ?? -1);
    });
  });
}

/** Resolves when the event log holds a line of that type; the log is written as the run goes. */
async function logged(outDir: string, type: string): Promise<void> {
  const log = join(outDir, 'raw', 'events.jsonl');
  await expect
    .poll(() => (existsSync(log) ? readFileSync(log, 'utf8') : ''), { timeout: 400_000, intervals: [50] })
    .toContain(`"type":"${type}"`);
}

test('an interrupted run undoes what it made and is judged inconclusive', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-meta-'));
  const run = startVerify(outDir, ['--reads', '500']);
  await logged(outDir, 'pass');
  run.kill('SIGINT');
  expect(await run.ended).toBe(2);
  const log = await readFile(join(outDir, 'raw', 'events.jsonl'), 'utf8');
  expect(log).toContain('"outcome":"undone"');
  expect(log).not.toContain('"outcome":"failed"');
});

test('the log of a killed run can still be judged', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-meta-'));
  const run = startVerify(outDir, ['--reads', '500', '--longhorn', '1.8.0']);
  await logged(outDir, 'wrong-blocks');
  run.kill('SIGKILL');
  await run.ended;
  const judged = await execa(process.execPath, ['--import', 'tsx', 'scripts/judge.ts', '--json', outDir], {
    cwd: root,
    reject: false,
    env: toolEnvironment(),
    extendEnv: false,
  });
  expect(judged.exitCode).toBe(1);
  expect(judged.stdout).toContain('"inconsistent"');
});
