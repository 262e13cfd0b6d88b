import { randomBytes } from 'node:crypto';

/** Where uids and the suffixes of generated names come from. */
export interface IdentitySource {
  uid(): string;
  nameSuffix(): string;
  /** A name that begins with `base`, no longer than a DNS label may be. */
  nameFrom(base: string): string;
}

// No vowels and no 0, 1, 3: apimachinery:pkg/util/rand/rand.go@v0.36.2 avoids words and look-alikes.
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
// apiserver:pkg/storage/names/generate.go@v0.36.2: names are generated within 63 characters, whatever the kind allows.
const longestBase = 63 - suffixLength;

/** @param random numbers in [0, 1) for reproducible identities; absent means unpredictable ones. */
export function createIdentitySource(random?: () => number): IdentitySource {
  const bytes = (count: number): Uint8Array =>
    random === undefined ? randomBytes(count) : Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
  const nameSuffix = (): string =>
    [...bytes(suffixLength)].map((byte) => suffixAlphabet[byte % suffixAlphabet.length] ?? 'x').join('');
  return {
    uid() {
      const raw = bytes(16);
      raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40;
      raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80;
      const hex = Buffer.from(raw).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
    nameSuffix,
    nameFrom: (base) => base.slice(0, longestBase) + nameSuffix(),
  };
}
