import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';

/** JSON merge patch (RFC 7386); returns a new value and leaves its arguments alone. */
export function mergePatch(target: Payload, patch: Payload): Payload {
  if (!isObject(patch)) return structuredClone(patch);
  const result: Record<string, Payload> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
