import { UsageError } from './usage-error.ts';

const factors: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Smallest volume that has room for every range class; Longhorn itself refuses less than 10 MiB through CSI. */
export const smallestVolumeBytes = 16 * 2 ** 20;
/** Longhorn rounds volume sizes up to this (longhorn-manager:util/util.go SizeAlignment@v1.11.3). */
const alignmentBytes = 2 * 2 ** 20;

/**
 * Reads a volume size such as `500Mi`, `2Gi` or `67108864`, as Kubernetes quantities are written with binary suffixes.
 * Throws `UsageError` for anything else, for less than 16 MiB, and for what Longhorn would round.
 */
export function parseVolumeSize(flag: string, text: string): number {
  const sizeBytes = parseSize(flag, text);
  if (sizeBytes < smallestVolumeBytes) {
    throw new UsageError(`${flag} ${text} is too small: at least 16Mi are needed to hold every range class`);
  }
  if (sizeBytes % alignmentBytes !== 0) {
    throw new UsageError(`${flag} ${text} is not a multiple of 2Mi, to which Longhorn would round it up`);
  }
  return sizeBytes;
}

/** Reads a size above 0 in the same way. Throws `UsageError`. */
export function parseSize(flag: string, text: string): number {
  const match = /^([1-9]\d*)(Ki|Mi|Gi|Ti)?$/.exec(text);
  if (match === null) throw new UsageError(`${flag} wants a size such as 500Mi or 2Gi, got "${text}"`);
  const sizeBytes = Number(match[1]) * (match[2] === undefined ? 1 : (factors[match[2]] ?? Number.NaN));
  if (!Number.isSafeInteger(sizeBytes)) throw new UsageError(`${flag} ${text} is too large`);
  return sizeBytes;
}
