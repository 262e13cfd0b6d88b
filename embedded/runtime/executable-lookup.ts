import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

export type ExecutableLookup =
  | { kind: 'found'; path: string }
  /** Worded as runc words it (opencontainers/runc:libcontainer/standard_init_linux.go). */
  | { kind: 'missing'; message: string };

/** Where images keep their programs; here the same names are looked for in the pod's PATH. */
const programDirectories = new Set(['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin']);

async function refusal(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      return 'is a directory';
    }
    await access(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'EACCES'
      ? 'permission denied'
      : code === 'ENOTDIR'
        ? 'not a directory'
        : 'no such file or directory';
  }
}

async function searchPath(name: string, path: string): Promise<string | undefined> {
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory, name);
    if (directory !== '' && (await refusal(candidate)) === undefined) {
      return candidate;
    }
  }
  return undefined;
}

/**
 * Finds the program that a container's command names, as the container runtime would: a bare name in PATH, a path as it
 * stands. A program in one of an image's usual directories (`/usr/local/bin/node`) is taken from PATH, because pods have
 * no file system of their own here.
 */
export async function findExecutable(options: { name: string; path: string; cwd: string }): Promise<ExecutableLookup> {
  const { name, path, cwd } = options;
  const quoted = JSON.stringify(name);
  if (!name.includes('/')) {
    const found = name === '' ? undefined : await searchPath(name, path);
    return found === undefined
      ? { kind: 'missing', message: `exec: ${quoted}: executable file not found in $PATH` }
      : { kind: 'found', path: found };
  }
  if (isAbsolute(name) && programDirectories.has(dirname(name))) {
    const found = await searchPath(basename(name), path);
    if (found !== undefined) {
      return { kind: 'found', path: found };
    }
  }
  const absolute = resolve(cwd, name);
  const why = await refusal(absolute);
  if (why === undefined) {
    return { kind: 'found', path: absolute };
  }
  const subject = why === 'no such file or directory' ? `stat ${name}: ` : '';
  return { kind: 'missing', message: `exec: ${quoted}: ${subject}${why}` };
}
