/** Amounts as Kubernetes writes them: `1Gi`, `500m`, `2e3` (apimachinery:pkg/api/resource/quantity.go@v0.36.2). */

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

function factorOf(suffix: string): number | undefined {
  const exponent = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1];
  if (exponent !== undefined) return 10 ** Number(exponent);
  if (decimal[suffix] !== undefined) return 10 ** decimal[suffix];
  const power = binary.indexOf(suffix);
  return power === -1 ? undefined : 1024 ** power;
}

/** What is wrong with a text that is no amount. */
export function quantityFault(text: string): string | undefined {
  const [, number, suffix = ''] = /^([+-]?\d*(?:\.\d*)?)([eEinumkKMGTP]*[-+]?\d*)$/.exec(text) ?? [];
  if (number === undefined || text === '') return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  if (factorOf(suffix) === undefined) return "unable to parse quantity's suffix";
  return /\d/.test(number) ? undefined : 'unable to parse numeric part of quantity';
}

/** The amount as a number; 0 for what is none. */
export function quantityOf(value: unknown): number {
  if (typeof value !== 'string') return typeof value === 'number' ? value : 0;
  const [, number = '0', suffix = ''] = /^([+-]?\d*(?:\.\d*)?)(.*)$/.exec(value) ?? [];
  return Number(number) * (factorOf(suffix) ?? 0);
}
