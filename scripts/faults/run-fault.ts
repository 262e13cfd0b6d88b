import { spawn } from 'node:child_process';
import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { Control, RunnableFault } from '../../embedded/faults/fault.ts';
import { readEvents } from '../../helpers/eventlog/reader.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import type { Verdict } from '../../helpers/verdict/verdict.ts';
import { type FaultRun, livenessSchema, score, type Score } from './score.ts';

export interface FaultRunOptions {
  readonly fault: RunnableFault | Control;
  readonly seed: string;
  /** Where the run's reports go; replaced. */
  readonly outDir: string;
  /** Options of `verify` beside fault, seed and folder. */
  readonly flags: readonly string[];
  readonly timeoutMs: number;
}

export interface FaultRunResult extends Score {
  readonly fault: string;
  readonly seed: string;
  readonly durationMs: number;
  readonly outDir: string;
}

/** Runs the real suite as a child process against a cluster with the fault, and reads what it left. */
export async function runFault(options: FaultRunOptions): Promise<FaultRunResult> {
  const { fault, seed, outDir } = options;
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const startedMs = Date.now();
  const ended = await runVerify(options);
  const run: FaultRun = {
    fault,
    ended,
    verdict: await verdictOf(join(outDir, 'raw', 'events.jsonl')),
    liveness: await readJson(join(outDir, 'fault.json'), livenessSchema),
  };
  return { fault: fault.id, seed, durationMs: Date.now() - startedMs, outDir, ...score(run) };
}

function runVerify({ fault, seed, outDir, flags, timeoutMs }: FaultRunOptions): Promise<string> {
  const script = fileURLToPath(new URL('../verify.ts', import.meta.url));
  const argv = ['--fault', fault.id, '--seed', seed, '--image', 'raw', '--verdict-only', '--out', outDir, ...flags];
  return new Promise((resolve, reject) => {
    const log = createWriteStream(join(outDir, 'output.txt'));
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    // SIGTERM lets the run undo what it made and end its cluster; its verdict then says how far it came.
    const timer = setTimeout(() => child.kill('SIGTERM'), timeoutMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      log.end();
      resolve(signal === null ? `exit code ${String(code)}` : `ended by ${signal}`);
    });
  });
}

/** Undefined where the run did not come far enough to have a log. */
async function verdictOf(logPath: string): Promise<Verdict | undefined> {
  const known = await access(logPath).then(
    () => true,
    () => false,
  );
  return known ? judge(await readEvents(logPath)) : undefined;
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
