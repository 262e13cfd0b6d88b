import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Flags } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** The directory of `--out`, which need not be there yet. Throws `UsageError` where none can be made or written to. */
export function parseOutDir(flags: Flags): string | undefined {
  const text = flags.text('out');
  if (text === undefined) return undefined;
  if (text === '') throw new UsageError('--out wants a directory, got ""');
  const existing = nearestExisting(resolve(text));
  if (!statSync(existing).isDirectory()) throw new UsageError(`--out ${text}: ${existing} is no directory`);
  try {
    accessSync(existing, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--out ${text}: ${existing} cannot be written to`, { cause: error });
  }
  return text;
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
