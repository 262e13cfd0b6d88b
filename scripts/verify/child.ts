/** Commands of this project as child processes, as a user runs them: for tests, and for commands that make many runs. */
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { readEvents } from '../../helpers/eventlog/reader.ts';
import { combine } from '../../helpers/verdict/combine.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import type { RunVerdict } from '../../helpers/verdict/verdict.ts';
import { findRunLogs } from '../../reports/run-logs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A run that was told to end undoes what it made first; longer than that and it hangs. */
const undoGraceMs = 120_000;

export interface ToolOptions {
  readonly tool: 'verify' | 'reproduce' | 'matrix' | 'bisect' | 'merge' | 'chaos';
  readonly flags: readonly string[];
  /** Handed over as `--out`; made when it is missing. */
  readonly outDir: string;
  /** The run is asked to end after that time, and undoes what it made. */
  readonly timeoutMs: number;
  /** Asks the run to end in the same way. */
  readonly signal?: AbortSignal;
  /** Where its output goes as it comes, besides the result. */
  readonly outputFile?: string;
  /** Beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told the process id, which is also that of its process group. */
  readonly onStart?: (pid: number) => void;
}

export interface ToolResult {
  /** -1 where a signal ended it. */
  readonly exitCode: number;
  /** `exit code 1` or `ended by SIGKILL`. */
  readonly ended: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly outDir: string;
}

/** Runs a tool to its end. Rejects only when it could not be started. */
export async function runTool(options: ToolOptions): Promise<ToolResult> {
  const { tool, flags, outDir, timeoutMs, outputFile } = options;
  await mkdir(outDir, { recursive: true });
  const output = outputFile === undefined ? [] : [{ file: outputFile, append: true }];
  const child = execa(process.execPath, toolArguments(tool, ['--out', outDir, ...flags]), {
    cwd: root,
    reject: false,
    stdin: 'ignore',
    stdout: ['pipe', ...output],
    stderr: ['pipe', ...output],
    timeout: timeoutMs,
    forceKillAfterDelay: undoGraceMs,
    // A group of its own: a Ctrl-C reaches it once, through `signal`, and not a second time from the terminal.
    detached: true,
    env: { ...toolEnvironment(), ...options.environment },
    extendEnv: false,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const { exitCode, signal, stdout, stderr } = await child;
  const ended = exitCode === undefined ? `ended by ${signal ?? 'an error'}` : `exit code ${String(exitCode)}`;
  return { exitCode: exitCode ?? -1, ended, stdout, stderr, outDir };
}

/** Arguments of `node` for a tool. */
export function toolArguments(tool: string, flags: readonly string[]): string[] {
  return ['--import', 'tsx', join(root, 'scripts', `${tool}.ts`), ...flags];
}

/** The environment without what an outer Playwright put there for its own workers. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PLAYWRIGHT|PW_|TEST_|VERIFIER_|ALLURE_|GITHUB_STEP)/.test(name)),
  );
}

/** The verdict of a run's event logs; undefined where it did not come far enough to have one. */
export async function verdictOfRun(outDir: string): Promise<RunVerdict | undefined> {
  const known = await access(outDir).then(
    () => true,
    () => false,
  );
  const logs = known ? await findRunLogs(outDir) : [];
  if (logs.length === 0) return undefined;
  return combine(await Promise.all(logs.map(async ({ path }) => judge(await readEvents(path)))));
}
