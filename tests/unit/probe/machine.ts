import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test as base } from '@playwright/test';
import { execa } from 'execa';
import { mibBytes } from '../../../helpers/oracle/geometry.ts';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import type { Oracle } from '../../../helpers/oracle/oracle.ts';
import { probeFiles } from '../../../helpers/probe/bundle.ts';
import type { Exec } from '../../../helpers/probe/exec.ts';

/** A directory with the probe's files for one small plan. */
export interface Bench {
  readonly directory: string;
  readonly oracle: Oracle;
  path(name: string): string;
  /** Makes a file that holds what the oracle expects, or the untouched volume. */
  makeDevice(content: 'expected' | 'untouched'): string;
}

export function oracleOf(volumeMib: number): Oracle {
  const volumeSizeBytes = volumeMib * mibBytes;
  return createOracle(
    makePlan({ seed: 'probe tests', imageFormat: 'raw', volumeSizeBytes, replicaCount: 2, reads: 3 }),
  );
}

export const test = base.extend<{ bench: Bench }>({
  bench: async ({}, use) => {
    // The project's own disk rather than /tmp, which may be a filesystem without O_DIRECT.
    mkdirSync('reports/out', { recursive: true });
    const directory = mkdtempSync('reports/out/probe-test-');
    const oracle = oracleOf(20);
    const path = (name: string): string => join(process.cwd(), directory, name);
    for (const [name, content] of Object.entries(await probeFiles(oracle.plan, oracle.fingerprint()))) {
      writeFileSync(path(name), content);
    }
    const makeDevice = (content: 'expected' | 'untouched'): string => {
      const bytes = Buffer.alloc(oracle.plan.volume.sizeBytes);
      if (content === 'expected') oracle.expectedInto(0, bytes);
      else oracle.imageInto(0, bytes.subarray(0, oracle.plan.image.sizeBytes));
      writeFileSync(path('device'), bytes);
      return path('device');
    };
    await use({ directory, oracle, path, makeDevice });
    rmSync(directory, { recursive: true, force: true });
  },
});

/** Whether a program is there. A missing one is a printed skip, but on CI a failure. */
export function hasTool(name: string): boolean {
  const found = (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    const path = join(directory, name);
    if (!existsSync(path)) return false;
    accessSync(path, constants.X_OK);
    return true;
  });
  if (!found && process.env['CI'] !== undefined) throw new Error(`${name} is not installed`);
  if (!found) console.error(`skipped: ${name} is not installed`);
  return found;
}

/** Runs a command here as `pods/exec` would in the pod. */
export const localExec: Exec = async (command, { timeoutMs, signal, onStderrLine }) => {
  const [file, ...args] = command as [string, ...string[]];
  const child = execa(file, args, {
    reject: false,
    stripFinalNewline: false,
    timeout: timeoutMs,
    cancelSignal: signal,
    ...(onStderrLine && {
      stderr: [
        'pipe',
        function* (line: unknown) {
          onStderrLine(String(line));
          yield line;
        },
      ],
    }),
  });
  const { exitCode, stdout, stderr } = await child;
  if (exitCode === undefined) throw new Error('the command ended without an exit code');
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
};

/** A directory for a Unix socket: its path must be short. */
export function socketDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'nbd-'));
}

/** Starts a server and resolves once its Unix socket is there; the process is killed by `stop`. */
export async function startServer(
  command: readonly [string, ...string[]],
  socketPath: string,
): Promise<() => Promise<void>> {
  const [file, ...args] = command;
  const child: ChildProcess = spawn(file, args, { stdio: 'inherit' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const deadlineMs = Date.now() + 20_000;
  while (!existsSync(socketPath)) {
    if (child.exitCode !== null || Date.now() > deadlineMs) throw new Error(`${file} opened no ${socketPath}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}
