import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base } from '@playwright/test';
import { execa } from 'execa';
import type { RunEvent } from '../../helpers/verdict/events.ts';
import { runVerdictSchema } from '../../helpers/verdict/schema.ts';
import { history } from '../unit/verdict/histories.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'judge-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

async function judgeCommand(...argv: string[]) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, ['--import', 'tsx', 'scripts/judge.ts', ...argv], {
    cwd: root,
    reject: false,
    timeout: 60_000,
  });
  return { exitCode, stdout, stderr };
}

async function writeLog(dir: string, events: readonly RunEvent[], tail = ''): Promise<string> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'events.jsonl');
  await writeFile(path, `${events.map((event) => JSON.stringify(event)).join('\n')}\n${tail}`);
  return path;
}

test('a run folder is judged as a whole: the worst image decides, exit code included', async ({ folder }) => {
  await writeLog(join(folder, 'raw'), history());
  await writeLog(join(folder, 'qcow2'), history({ longhornVersion: 'v1.8.0', lostImage: true }));
  const screen = await judgeCommand(folder);
  expect(screen.exitCode).toBe(1);
  expect(screen.stdout).toContain('longhorn/longhorn#10340');
  const json = await judgeCommand(folder, '--json');
  expect(json.exitCode).toBe(1);
  const run = runVerdictSchema.parse(JSON.parse(json.stdout));
  expect(run.verdicts.map(({ verdict }) => verdict)).toEqual(['consistent', 'inconsistent']);
});

test('a sound log is 0, and a log that was cut in the middle of a line is 2', async ({ folder }) => {
  expect((await judgeCommand(await writeLog(join(folder, 'a'), history()))).exitCode).toBe(0);
  const cut = await judgeCommand(await writeLog(join(folder, 'b'), history().slice(0, -20), '{"type":"pass","ph'));
  expect(cut.exitCode).toBe(2);
  expect(cut.stdout).toContain('before the run did');
});

test('bad input is one line on standard error and exit code 64', async ({ folder }) => {
  const noise = join(folder, 'noise.jsonl');
  await writeFile(noise, 'not an event\n');
  const empty = join(folder, 'empty.jsonl');
  await writeFile(empty, '');
  for (const argv of [[], [folder], [join(folder, 'missing')], [noise], [empty], ['--bogus']]) {
    const { exitCode, stdout, stderr } = await judgeCommand(...argv);
    expect({ argv, exitCode, stdout }).toEqual({ argv, exitCode: 64, stdout: '' });
    expect(stderr).toMatch(/^judge: [^\n]+$/);
  }
});
