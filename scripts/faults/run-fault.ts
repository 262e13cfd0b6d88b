import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Control, Detector, RunnableFault } from '../../embedded/faults/fault.ts';
import { mainScenario } from '../../helpers/oracle/plan.ts';
import { readEvents } from '../../helpers/eventlog/reader.ts';
import type { VerdictName } from '../../helpers/verdict/verdict.ts';
import { findRunLogs } from '../../reports/run-logs.ts';
import { blindVerdicts, upstreamVerdict } from './blind.ts';
import { runTool, verdictOfRun } from '../verify/child.ts';
import { type FaultRun, livenessSchema, score, type Score } from './score.ts';

export interface FaultRunOptions {
  readonly fault: RunnableFault | Control;
  readonly seed: string;
  /** Where the run's reports go; replaced. */
  readonly outDir: string;
  /** Options of `verify` beside fault, seed and folder. */
  readonly flags: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface FaultRunResult extends Score {
  readonly fault: string;
  readonly seed: string;
  readonly durationMs: number;
  readonly outDir: string;
  /** What the upstream test catches on this very run. */
  readonly upstream: ReturnType<typeof upstreamVerdict>;
  /** What the suite says with one of its detectors switched off. */
  readonly blind: Partial<Record<Detector, VerdictName>>;
}

/** Runs the real suite as a child process against a cluster with the fault, and reads what it left. */
export async function runFault(options: FaultRunOptions): Promise<FaultRunResult> {
  const { fault, seed, outDir } = options;
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const startedMs = Date.now();
  const { ended } = await runTool({
    tool: 'verify',
    flags: [
      ...['--fault', fault.id, '--seed', seed, '--image', 'raw', '--verdict-only', '--upstream-checksum'],
      ...['--scenario', fault.scenarios?.[0] ?? mainScenario],
      ...options.flags,
    ],
    outDir,
    timeoutMs: options.timeoutMs,
    outputFile: join(outDir, 'output.txt'),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const run: FaultRun = {
    fault,
    ended,
    verdict: (await verdictOfRun(outDir))?.verdicts[0],
    liveness: await readJson(join(outDir, 'fault.json'), livenessSchema),
  };
  const [log] = await findRunLogs(outDir);
  const events = log === undefined ? [] : await readEvents(log.path);
  return {
    fault: fault.id,
    seed,
    durationMs: Date.now() - startedMs,
    outDir,
    upstream: upstreamVerdict(events),
    blind: events.length === 0 ? {} : blindVerdicts(events),
    ...score(run),
  };
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
