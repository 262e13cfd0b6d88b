/** What Go's standard library says of a text it cannot read: longhorn-manager passes these words on in refusals. */

/** A value read, or the complaint of the parser. */
export type Parsed<T> = { readonly value: T } | { readonly fault: string };

/** As `%q` prints a text of printable characters. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

const truths = new Map<string, boolean>([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/** go:src/strconv/atob.go ParseBool. */
export function parseBool(text: string): Parsed<boolean> {
  const value = truths.get(text);
  return value === undefined ? { fault: syntaxFault('ParseBool', text) } : { value };
}

const largest = 2n ** 63n;

/** go:src/strconv/atoi.go; the function named in its words is the one that was called. */
export function parseInteger(text: string, called: 'ParseInt' | 'Atoi' = 'ParseInt'): Parsed<number> {
  if (!/^[+-]?\d+$/.test(text)) return { fault: syntaxFault(called, text) };
  const value = BigInt(text.replace('+', ''));
  if (value >= largest || value < -largest)
    return { fault: `strconv.${called}: parsing ${quoted(text)}: value out of range` };
  return { value: Number(value) };
}

/** go:src/strconv/atof.go ParseFloat, of plain decimals. */
export function parseDecimal(text: string): Parsed<number> {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return { fault: syntaxFault('ParseFloat', text) };
  return { value: Number(text) };
}

function syntaxFault(called: string, text: string): string {
  return `strconv.${called}: parsing ${quoted(text)}: invalid syntax`;
}

/** As `%v` prints a map: keys in order. */
export function printedMap(map: Readonly<Record<string, unknown>>): string {
  const entries = Object.keys(map)
    .sort()
    .map((key) => `${key}:${String(map[key])}`);
  return `map[${entries.join(' ')}]`;
}
