import { provisionedBytes } from '../../helpers/longhorn/volume-size.ts';
import { UsageError } from './usage-error.ts';

/** Suffixes of Kubernetes quantities, as far as sizes go. */
const factors: Readonly<Record<string, number>> = {
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
};
const mib = 2 ** 20;

/** Smallest volume that has room for every range class; Longhorn itself raises less than 10 MiB to that. */
const smallestVolumeBytes = 16 * mib;
/** A pass over more takes the better part of an hour, and a plan of it more memory than a pod has. */
const largestVolumeBytes = 2 ** 40;

/** Bytes of a size above 0 as Kubernetes quantities are written: `500Mi`, `1.5Gi`, `64M`, `33554944`. Throws `UsageError`. */
export function parseSize(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text);
  if (match === null) throw new UsageError(`${flag} wants a size such as 500Mi, 1.5Gi or 33554944, got "${text}"`);
  const sizeBytes = Number(match[1]) * (match[2] === undefined ? 1 : (factors[match[2]] ?? Number.NaN));
  if (sizeBytes > Number.MAX_SAFE_INTEGER) throw new UsageError(`${flag} ${text} is too large`);
  if (sizeBytes === 0) throw new UsageError(`${flag} wants a size above 0`);
  if (!Number.isInteger(sizeBytes)) throw new UsageError(`${flag} ${text} is no whole number of bytes`);
  return sizeBytes;
}

/** A volume's size, as its claim asks for it: any up to 1 TiB that Longhorn makes 16 MiB or more of. Throws `UsageError`. */
export function parseVolumeSize(flag: string, text: string): number {
  const sizeBytes = parseSize(flag, text);
  if (sizeBytes > largestVolumeBytes) throw new UsageError(`${flag} ${text} is too large: at most 1Ti can be verified`);
  if (provisionedBytes(sizeBytes) >= smallestVolumeBytes) return sizeBytes;
  throw new UsageError(`${flag} ${text} is too small: at least 16Mi are needed to hold every range class`);
}

/**
 * A backing image's size, in whole MiB: Longhorn makes the image's lvol in MiB rounded down, where the rest of any other
 * does not fit (longhorn-spdk-engine:pkg/spdk/backing_image.go, pkg/util/util.go BytesToMiB@44753b56, 8b93a545).
 */
export function parseImageSize(flag: string, text: string): number {
  const sizeBytes = parseSize(flag, text);
  if (sizeBytes % mib === 0) return sizeBytes;
  throw new UsageError(`${flag} ${text} is no whole number of MiB, in which Longhorn makes an image's lvol`);
}
