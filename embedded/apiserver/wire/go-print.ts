/** Values as Go prints them in messages that clients see. */
import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';

/** `%+v` of decoded JSON: `map[data:map[k:1]]`. */
export function goPrinted(value: Payload): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrinted).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${goPrinted(item)}`).join(' ')}]`;
}

/** encoding/json's text of a map: keys sorted, HTML's characters escaped. */
export function goJson(value: Payload): string {
  const sorted = (item: Payload): Payload => {
    if (Array.isArray(item)) return item.map(sorted);
    if (!isObject(item)) return item;
    return Object.fromEntries(
      Object.keys(item)
        .toSorted()
        .map((key) => [key, sorted(item[key])]),
    );
  };
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
