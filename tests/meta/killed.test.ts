import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import type { RunVerdict, Verdict } from '../../helpers/verdict/verdict.ts';
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

/** Processes that were started for that run: its options are in their environment, its folder in their arguments. */
function processesOf(outDir: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => {
      try {
        return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(outDir));
      } catch {
        return false;
      }
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

test('a run that is interrupted while it ends is undone all the same, and waits for no support bundle', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-meta-'));
  // At a tenth of Longhorn's time a bundle takes most of a second.
  const small = ['--size', '16Mi', '--reads', '1', '--longhorn', '1.8.0', '--time-scale', '0.1'];
  const run = startVerify(outDir, [...small, '--support-bundle-limit', '1Mi', '--verdict-only']);
  const bundles = join(outDir, 'support-bundles');
  const notes = (): string[] => (existsSync(bundles) ? readdirSync(bundles) : []);
  await expect.poll(notes, { timeout: 400_000, intervals: [20] }).toHaveLength(1);
  run.kill('SIGINT');
  expect(await run.ended).toBe(1);
  const [note = ''] = notes();
  expect(await readFile(join(bundles, note), 'utf8')).toMatch(/^bundle: none: .*the run was interrupted$/m);
  const { verdicts } = JSON.parse(await readFile(join(outDir, 'verdict.json'), 'utf8')) as RunVerdict;
  expect(verdicts[0]?.undo.failed).toEqual([]);
  expect(await readFile(join(outDir, 'raw', 'events.jsonl'), 'utf8')).toMatch(/the lock on the cluster.*"undone"/);
});

test('nothing of a killed run lives on, what it could not undo is said, and its log can still be judged', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-meta-'));
  const run = startVerify(outDir, ['--reads', '500', '--longhorn', '1.8.0']);
  await logged(outDir, 'wrong-blocks');
  run.kill('SIGKILL');
  await run.ended;
  await expect.poll(() => processesOf(outDir), { message: 'nothing of it lives on', timeout: 90_000 }).toEqual([]);
  const judged = await execa(process.execPath, ['--import', 'tsx', 'scripts/judge.ts', '--json', outDir], {
    cwd: root,
    reject: false,
    env: toolEnvironment(),
    extendEnv: false,
  });
  expect(judged.exitCode).toBe(1);
  expect(judged.stdout).toContain('"inconsistent"');
  const { verdicts } = JSON.parse(judged.stdout) as RunVerdict;
  expect(verdicts[0]?.undo.failed).not.toEqual([]);
});

test('an embedded cluster that dies makes the run inconclusive at once, with how it died', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'verifier-meta-'));
  const run = startVerify(outDir, ['--reads', '500']);
  await logged(outDir, 'written');
  const [, pid] = /started as process (\d+)/.exec(await readFile(join(outDir, 'embedded.log'), 'utf8')) ?? [];
  process.kill(Number(pid), 'SIGKILL');
  expect(await run.ended).toBe(2);
  const { causes } = JSON.parse(await readFile(join(outDir, 'raw', 'verdict.json'), 'utf8')) as Verdict;
  expect(causes.join('\n')).toMatch(/the cluster is gone: the embedded cluster \(process \d+\) ended by SIGKILL/);
});
