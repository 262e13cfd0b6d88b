/** Why an embedded cluster's process began and ended, line by line in a file: it may have no terminal to say it on. */
import { appendFileSync } from 'node:fs';

export type LifeLog = (line: string) => void;

/**
 * Notes uncaught errors and the exit by itself; only SIGKILL leaves no last line. Each line is on disk before the call
 * returns.
 */
export function openLifeLog(path: string | undefined): LifeLog {
  if (path === undefined) return () => undefined;
  const note: LifeLog = (line) => {
    try {
      appendFileSync(path, `${new Date().toISOString()} ${line}\n`);
    } catch {
      // A run directory that was removed meanwhile must not end the cluster.
    }
  };
  note(`started as process ${String(process.pid)} by process ${String(process.ppid)}`);
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    note(`${origin}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  });
  process.on('exit', (code) => {
    note(`exit with code ${String(code)}`);
  });
  return note;
}
