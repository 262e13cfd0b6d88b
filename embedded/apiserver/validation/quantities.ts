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
  if (number === undefined || text === '')
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  if (factorOf(suffix) === undefined) return "unable to parse quantity's suffix";
  return /\d/.test(number) ? undefined : 'unable to parse numeric part of quantity';
}

/** The amount as a number; 0 for what is none. */
export function quantityOf(value: unknown): number {
  if (typeof value !== 'string') return typeof value === 'number' ? value : 0;
  const [, number = '0', suffix = ''] = /^([+-]?\d*(?:\.\d*)?)(.*)$/.exec(value) ?? [];
  return Number(number) * (factorOf(suffix) ?? 0);
}

const nano = 1_000_000_000n;

/** An amount in billionths, the smallest that there are; what is smaller is rounded up. */
function nanosOf(number: string, suffix: string): bigint {
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d*)\.?(\d*)$/.exec(number) ?? [];
  const digits = BigInt(`${whole}${fraction}` || '0');
  const scale = 10n ** BigInt(fraction.length);
  const factor = factorOf(suffix) ?? 1;
  const [times, by] = factor >= 1 ? [BigInt(factor), 1n] : [1n, BigInt(Math.round(1 / factor))];
  const value = digits * nano * times;
  const divisor = scale * by;
  const rounded = value / divisor + (value % divisor === 0n ? 0n : 1n);
  return sign === '-' ? -rounded : rounded;
}

/** Divides as often as it goes; how often it went. */
function reduced(value: bigint, by: bigint, most: number): { readonly value: bigint; readonly times: number } {
  let left = value;
  let times = 0;
  while (left !== 0n && times < most && left % by === 0n) {
    left /= by;
    times += 1;
  }
  return { value: left, times };
}

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/** The one form in which an amount is written: no fractions, the largest suffix of its family. */
export function canonicalQuantity(given: string | number): string {
  const [, number = '', suffix = ''] = /^([+-]?\d*(?:\.\d*)?)(.*)$/.exec(String(given)) ?? [];
  const nanos = nanosOf(number, suffix);
  const size = nanos < 0n ? -nanos : nanos;
  if (size === 0n) return '0';
  if (suffix.endsWith('i') && size % nano === 0n && size >= 1024n * nano) {
    const { value, times } = reduced(nanos / nano, 1024n, binary.length - 1);
    return `${value}${binary[times] ?? ''}`;
  }
  const { value, times } = reduced(nanos, 1000n, decimalSuffixes.length - 1);
  if (!/^[eE]/.test(suffix) || suffix === 'E') return `${value}${decimalSuffixes[times] ?? ''}`;
  return times === 3 ? String(value) : `${value}e${(times - 3) * 3}`;
}
