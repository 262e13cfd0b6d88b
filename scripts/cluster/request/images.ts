import { resolve } from 'node:path';
import type { Flags } from '../../command-line/flags.ts';
import { parseImageReference } from '../../command-line/image-reference.ts';
import { objectName } from '../../command-line/object-name.ts';
import { UsageError } from '../../command-line/usage-error.ts';

/** The prefix that all images come from instead of Docker Hub. Throws `UsageError`. */
export function parseRegistry(flags: Flags): string | undefined {
  const text = flags.text('registry');
  if (text === undefined) return undefined;
  const prefix = text.replace(/\/+$/, '');
  if (!/^[\w.-]+(:\d+)?(\/[\w./-]+)?$/.test(prefix)) {
    throw new UsageError(`--registry wants a host with an optional port and path, no scheme, got "${text}"`);
  }
  return prefix;
}

/** The secret of that registry. Throws `UsageError`. */
export function parsePullSecret(flags: Flags): string | undefined {
  const text = flags.text('pull-secret');
  if (text === undefined || objectName.test(text)) return text;
  throw new UsageError(`--pull-secret wants the name of a secret, got "${text}"`);
}

/** Longhorn's chart: a URL as it is, a file's path made absolute. */
export function parseChart(flags: Flags): string | undefined {
  const text = flags.text('chart');
  return text === undefined || /^(https?|oci):\/\//.test(text) ? text : resolve(text);
}

/** Throws `UsageError`. */
export function parseImage(flags: Flags, name: string): string | undefined {
  const text = flags.text(name);
  return text === undefined ? undefined : parseImageReference(name, text);
}
