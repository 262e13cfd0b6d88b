import type { Flags } from './flags.ts';
import { UsageError } from './usage-error.ts';

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A namespace's name, else the fallback. Throws `UsageError`. */
export function parseNamespace(flags: Flags, name: string, fallback?: string): string | undefined {
  const text = flags.text(name) ?? fallback;
  if (text !== undefined && !dnsLabel.test(text)) {
    throw new UsageError(`--${name} wants a namespace name (RFC 1123 label), got "${text}"`);
  }
  return text;
}

/** The value of `--longhorn-namespace`. Throws `UsageError`. */
export function parseLonghornNamespace(flags: Flags): string {
  return parseNamespace(flags, 'longhorn-namespace') ?? 'longhorn-system';
}
