/** A field in which two values differ: `body.items[3].status.version: expected "v1", seen absent`. */
export interface FieldDifference {
  readonly path: string;
  readonly expected: unknown;
  readonly seen: unknown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Every leaf in which the two differ; a field that is missing counts as undefined. */
export function fieldDifferences(expected: unknown, seen: unknown, path = ''): FieldDifference[] {
  if (!isObject(expected) || !isObject(seen) || Array.isArray(expected) !== Array.isArray(seen)) {
    return Object.is(expected, seen) ? [] : [{ path, expected, seen }];
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(seen)]);
  return [...keys].flatMap((key) => {
    const step = Array.isArray(expected) ? `[${key}]` : path === '' ? key : `.${key}`;
    return fieldDifferences(expected[key], seen[key], path + step);
  });
}

export function describeDifference({ path, expected, seen }: FieldDifference): string {
  const text = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
  return `${path}: expected ${text(expected)}, seen ${text(seen)}`;
}
