/** Real clients as child processes. */
import { execFile } from 'node:child_process';
import { test } from '@playwright/test';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, which must come by itself within 30 s. */
export function run(
  program: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { env: { ...process.env, ...options.env }, timeout: 30_000 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number')
          reject(new Error(`${program} did not end by itself`, { cause: error }));
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** What kubectl says of a deletion in the words of every release: from 1.34 on it says from where. */
export function deletions(stdout: string): string {
  return stdout.replace(/ deleted from \S+ namespace$/gm, ' deleted');
}

/** Skips the test, with a reason, where a program is missing; CI must have it. */
export async function needs(program: string, args: readonly string[]): Promise<void> {
  const found = await run(program, args).then(
    ({ code }) => code === 0,
    () => false,
  );
  if (!found && process.env['CI'] !== undefined) throw new Error(`${program} is not installed; CI must have it`);
  test.skip(!found, `${program} is not installed`);
}
