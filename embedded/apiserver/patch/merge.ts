import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';

/** What is new has no nulls in its maps, those in lists included (gopkg.in/evanphx/json-patch.v4:merge.go). */
function withoutNulls(value: Payload): Payload {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}

/** JSON merge patch (RFC 7386); returns a new value and leaves its arguments alone. */
export function mergePatch(target: Payload, patch: Payload): Payload {
  if (!isObject(patch)) return withoutNulls(patch);
  const result: Record<string, Payload> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
