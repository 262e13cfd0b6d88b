import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export const imageFormats = ['raw', 'qcow2'] as const;

/** The event log of one volume under test. */
export interface RunLog {
  /** The folder that the log lies in: `<runDir>/<image>`. */
  readonly dir: string;
  readonly path: string;
}

/**
 * The event logs of a run, in the order raw, qcow2: given a run's folder, the folder of one image, or one log. Empty
 * when there is none. Rejects only when the path itself cannot be looked at.
 */
export async function findRunLogs(path: string): Promise<RunLog[]> {
  if ((await stat(path)).isFile()) return [{ dir: dirname(path), path }];
  const candidates = [...imageFormats.map((image) => join(path, image)), path];
  const logs = await Promise.all(
    candidates.map(async (dir) => {
      const log = { dir, path: join(dir, 'events.jsonl') };
      return (await isFile(log.path)) ? [log] : [];
    }),
  );
  return logs.flat();
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** The folder of the whole run that a log belongs to. */
export function runDirOf({ dir }: RunLog): string {
  return imageFormats.some((image) => image === basename(dir)) ? dirname(dir) : dir;
}
