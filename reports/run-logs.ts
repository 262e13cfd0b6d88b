import { existsSync, readdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export const imageFormats = ['raw', 'qcow2'] as const;

/** The event log of one story. */
export interface RunLog {
  /** The folder that the log lies in: `<runDir>/<story>`. */
  readonly dir: string;
  readonly path: string;
}

/** The main scenario's folders are named after the image format and come first. */
function rank(folder: string): number {
  const index = imageFormats.findIndex((format) => format === folder);
  return index === -1 ? imageFormats.length : index;
}

/**
 * The event logs of a run, the main scenario's first: given a run's folder, the folder of one story, or one log. Empty
 * when there is none. Rejects only when the path itself cannot be looked at.
 */
export async function findRunLogs(path: string): Promise<RunLog[]> {
  if ((await stat(path)).isFile()) return [{ dir: dirname(path), path }];
  const folders = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const logs = await Promise.all(
    [...names.map((name) => join(path, name)), path].map(async (dir) => {
      const log = { dir, path: join(dir, 'events.jsonl') };
      return (await isFile(log.path)) ? [log] : [];
    }),
  );
  return logs.flat();
}

/** The same at once, while a run is still making them; none where there is no such folder yet. */
export function logPathsIn(runDir: string): string[] {
  if (!existsSync(runDir)) return [];
  return readdirSync(runDir)
    .map((name) => join(runDir, name, 'events.jsonl'))
    .filter((path) => existsSync(path));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** The folder of the whole run that a log belongs to. */
export function runDirOf({ dir }: RunLog): string {
  return imageFormats.some((image) => basename(dir).endsWith(image)) ? dirname(dir) : dir;
}
