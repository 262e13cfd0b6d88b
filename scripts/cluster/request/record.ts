import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Flags } from '../../command-line/flags.ts';
import { UsageError } from '../../command-line/usage-error.ts';

/** How both commands name a cluster's record, and whether they only tell what they would do. */
export const recordFlags = {
  name: { value: 'NAME', text: 'name of the cluster and of its record (default v2-verifier)' },
  'state-dir': {
    value: 'DIR',
    text: 'where records and disk files are (default $XDG_STATE_HOME/longhorn-v2-verifier/clusters)',
  },
  'dry-run': { text: 'print every command in order, and run nothing' },
} as const;

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const defaultName = 'v2-verifier';

/** Throws `UsageError`. */
export function parseName(flags: Flags): string {
  const name = flags.text('name') ?? defaultName;
  if (!dnsLabel.test(name)) {
    throw new UsageError(`--name wants up to 40 lower-case letters, digits and dashes, got "${name}"`);
  }
  return name;
}

/** Where records are, absolute. */
export function parseStateDir(flags: Flags): string {
  const home = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return resolve(flags.text('state-dir') ?? join(home, 'longhorn-v2-verifier', 'clusters'));
}
