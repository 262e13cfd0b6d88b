/** Flags that may be absent. */
import { resolve } from 'node:path';
import type { Flags } from '../../command-line/flags.ts';

/** The property, unless it has no value. */
export function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}

/** A file's path, made absolute. */
export function parsePath(flags: Flags, name: string): string | undefined {
  const text = flags.text(name);
  return text === undefined ? undefined : resolve(text);
}
