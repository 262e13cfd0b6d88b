import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const announcementSchema = z.object({ kubeconfig: z.string(), context: z.string(), url: z.string(), pid: z.number() });

/** Where an embedded cluster is: printed by `scripts/embedded.ts --print-json` as one line. */
export type Announcement = z.infer<typeof announcementSchema>;

export interface EmbeddedProcess extends Announcement {
  /** Aborted, with how it went, when it ends without having been asked to. */
  readonly died: AbortSignal;
  /** Ends the cluster and waits until it left nothing behind. */
  stop(): Promise<void>;
  /** Lets the cluster live on after this process. */
  release(): void;
}

const startTimeoutMs = 120_000;

/**
 * Starts an embedded cluster as a process of its own. It ends when this process ends, however that happens, because it
 * watches its standard input; Ctrl-C does not reach it, so that the run can still undo what it made.
 * `outlive: true` detaches it from both, for `--keep`.
 */
export async function startEmbeddedProcess(options: {
  flags: readonly string[];
  outlive: boolean;
}): Promise<EmbeddedProcess> {
  const script = fileURLToPath(new URL('../embedded.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, '--print-json', ...(options.outlive ? ['--outlive'] : []), ...options.flags],
    { stdio: [options.outlive ? 'ignore' : 'pipe', 'pipe', 'inherit'], detached: true },
  );
  const announcement = await readAnnouncement(child);
  const died = new AbortController();
  let state: 'serving' | 'stopping' = 'serving';
  child.once('exit', (code, signal) => {
    if (state === 'stopping') return;
    const how = signal === null ? `with exit code ${String(code)}` : `by ${signal}`;
    died.abort(
      new Error(`the embedded cluster (process ${String(child.pid)}) ended ${how}, and nobody had asked it to`),
    );
  });
  return {
    ...announcement,
    died: died.signal,
    stop: () =>
      new Promise((resolve) => {
        state = 'stopping';
        if (child.exitCode !== null || child.signalCode !== null) {
          resolve();
          return;
        }
        child.once('exit', () => {
          resolve();
        });
        child.kill('SIGTERM');
      }),
    release() {
      child.stdout?.destroy();
      child.unref();
    },
  };
}

function readAnnouncement(child: ChildProcess): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the embedded cluster did not announce itself within ${String(startTimeoutMs / 1000)} s`));
    }, startTimeoutMs);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the embedded cluster ended before it was ready (${signal ?? `exit code ${String(code)}`})`));
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      const parsed = announcementSchema.safeParse(JSON.parse(line));
      if (parsed.success) resolve(parsed.data);
      else reject(new Error(`the embedded cluster announced something else: ${line}`, { cause: parsed.error }));
    });
  });
}
