import { parseInteger } from './go-words.ts';

/**
 * Whether robfig/cron, as longhorn-manager uses it, reads a schedule; its words where it does not
 * (robfig/cron:parser.go@v1.2.0, longhorn-manager:go.mod@v1.8.0..v1.12.1).
 */

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
  if (text === '') return 'Empty spec string';
  if (text.startsWith('@')) return descriptorFault(text);
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length)
    return `Expected exactly ${String(fields.length)} fields, found ${String(parts.length)}: ${text}`;
  for (const [index, field] of fields.entries()) {
    for (const expression of (parts[index] ?? '').split(',').filter((one) => one !== '')) {
      const fault = rangeFault(expression, field);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function descriptorFault(text: string): string | undefined {
  if (descriptors.has(text)) return undefined;
  const every = '@every ';
  if (!text.startsWith(every)) return `Unrecognized descriptor: ${text}`;
  const duration = text.slice(every.length);
  if (/^[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(duration)) return undefined;
  return `Failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`;
}

function rangeFault(expression: string, field: Field): string | undefined {
  const [range = '', step, ...more] = expression.split('/');
  const bounds = range.split('-');
  const anything = bounds[0] === '*' || bounds[0] === '?';
  const numbers: number[] = anything ? [field.min, field.max] : [];
  if (!anything && bounds.length > 2) {
    const first = number(bounds[0] ?? '', field);
    return typeof first === 'string' ? first : `Too many hyphens: ${expression}`;
  }
  for (const bound of anything ? [] : bounds) {
    const value = number(bound, field);
    if (typeof value === 'string') return value;
    numbers.push(value);
  }
  if (more.length > 0) return `Too many slashes: ${expression}`;
  const width = step === undefined ? 1 : number(step, { ...field, names: {} });
  if (typeof width === 'string') return width;
  const [start = field.min, given = start] = numbers;
  const end = step !== undefined && bounds.length === 1 ? field.max : given;
  if (start < field.min)
    return `Beginning of range (${String(start)}) below minimum (${String(field.min)}): ${expression}`;
  if (end > field.max) return `End of range (${String(end)}) above maximum (${String(field.max)}): ${expression}`;
  if (start > end) return `Beginning of range (${String(start)}) beyond end of range (${String(end)}): ${expression}`;
  return width === 0 ? `Step of range should be a positive number: ${expression}` : undefined;
}

/** A number of the field, or the complaint. */
function number(text: string, field: Field): number | string {
  const named = field.names[text.toLowerCase()];
  if (named !== undefined) return named;
  const read = parseInteger(text, 'Atoi');
  if ('fault' in read) return `Failed to parse int from ${text}: ${read.fault}`;
  return read.value < 0 ? `Negative number (${String(read.value)}) not allowed: ${text}` : read.value;
}
