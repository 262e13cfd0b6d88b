import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Socket paths are limited to about 100 bytes, so the name is short.
const prefix = 'v2v-';
const ownerFile = 'pid';

/**
 * Makes the directory that holds everything an embedded cluster writes, and removes those whose owner is gone, e.g.
 * after a SIGKILL. The caller removes its own when it stops.
 */
export async function claimDirectory(): Promise<string> {
  await removeAbandoned();
  const directory = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(directory, ownerFile), String(process.pid));
  return directory;
}

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const directory = join(tmpdir(), name);
    const pid = await readFile(join(directory, ownerFile), 'utf8').catch(() => undefined);
    if (pid !== undefined && !isAlive(Number(pid))) await rm(directory, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
