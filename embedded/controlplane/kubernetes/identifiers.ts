import { createHash } from 'node:crypto';

/** Random-looking names that follow from the cluster's seed and the order in which they are asked for. */
export interface Identifiers {
  hex(length: number): string;
}

export function createIdentifiers(seed: string): Identifiers {
  let count = 0;
  return {
    hex(length) {
      let text = '';
      while (text.length < length) {
        count += 1;
        text += createHash('sha256').update(`${seed} identifier ${count}`).digest('hex');
      }
      return text.slice(0, length);
    },
  };
}

/** Kubernetes' alphabet for suffixes and hashes: no vowels and no characters that look alike. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Ten letters of a hash in Kubernetes' alphabet, e.g. `pod-template-hash`. The same input gives the same hash. */
export function safeHash(input: string): string {
  const digest = createHash('sha256').update(input).digest();
  return Array.from({ length: 10 }, (_, index) => safeAlphabet[(digest[index] ?? 0) % safeAlphabet.length]).join('');
}
