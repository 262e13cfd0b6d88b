const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Bytes of a Kubernetes quantity such as `500Mi`, rounded up; 0 for an absent one. Throws on other text. */
export function parseQuantity(text: string | undefined): number {
  if (text === undefined) {
    return 0;
  }
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(text);
  const factor = factors[match?.[2] ?? '?'];
  if (match === null || factor === undefined) {
    throw new Error(`"${text}" is not a quantity such as 500Mi or 2Gi.`);
  }
  return Math.ceil(Number(match[1]) * factor);
}

/** The shortest exact form with a binary suffix, as the API server prints it: `500Mi`, `1073741825`. */
export function formatBytes(bytes: number): string {
  const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  let value = bytes;
  let index = 0;
  while (value !== 0 && value % 1024 === 0 && index < suffixes.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${value}${suffixes[index] ?? ''}`;
}
