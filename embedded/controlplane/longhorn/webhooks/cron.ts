/** Whether robfig/cron, which longhorn-manager uses, reads a schedule; its words where it does not (robfig/cron:parser.go@v3.0.1). */

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: Readonly<Record<string, number>>;
}

const numbered = (names: string, first: number): Record<string, number> =>
  Object.fromEntries(names.split(' ').map((name, index) => [name, first + index]));

const fields: readonly Field[] = [
  { min: 0, max: 59, names: {} },
  { min: 0, max: 23, names: {} },
  { min: 1, max: 31, names: {} },
  { min: 1, max: 12, names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: numbered('sun mon tue wed thu fri sat', 0) },
];

const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** The complaint about a schedule; undefined when it is one. */
export function cronFault(text: string): string | undefined {
  if (text.startsWith('@')) {
    return descriptors.has(text) || /^@every (\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text) ? undefined : `unrecognized descriptor: ${text}`;
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return `expected exactly ${String(fields.length)} fields, found ${String(parts.length)}: [${parts.join(' ')}]`;
  }
  for (const [index, field] of fields.entries()) {
    for (const expression of (parts[index] ?? '').split(',')) {
      const fault = rangeFault(expression, field);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function rangeFault(expression: string, field: Field): string | undefined {
  const [range = '', step, ...more] = expression.split('/');
  if (more.length > 0) return `too many slashes: ${expression}`;
  const ends = range === '*' || range === '?' ? [String(field.min), String(field.max)] : range.split('-');
  if (ends.length > 2) return `too many hyphens: ${expression}`;
  const numbers: number[] = [];
  for (const end of ends) {
    const value = field.names[end.toLowerCase()] ?? (/^[+-]?\d+$/.test(end) ? Number(end) : undefined);
    if (value === undefined) return `failed to parse int from ${end}: strconv.Atoi: parsing ${JSON.stringify(end)}: invalid syntax`;
    if (value < 0) return `negative number (${String(value)}) not allowed: ${end}`;
    numbers.push(value);
  }
  const [start = field.min] = numbers;
  const end = numbers[1] ?? (step === undefined ? start : field.max);
  if (start < field.min) return `beginning of range (${String(start)}) below minimum (${String(field.min)}): ${expression}`;
  if (end > field.max) return `end of range (${String(end)}) above maximum (${String(field.max)}): ${expression}`;
  if (start > end) return `beginning of range (${String(start)}) beyond end of range (${String(end)}): ${expression}`;
  if (step === undefined) return undefined;
  if (!/^\d+$/.test(step)) return `failed to parse int from ${step}: strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`;
  return Number(step) === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}
