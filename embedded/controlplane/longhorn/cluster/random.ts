import { createHash } from 'node:crypto';

/** Names and identifiers from one seed: the same run asks the same questions and gets the same names. */
export interface SeededNames {
  hex(length: number): string;
  uuid(): string;
}

export function seededNames(seed: string): SeededNames {
  let drawn = 0;
  const hex = (length: number): string => {
    drawn += 1;
    return createHash('sha256').update(`${seed}/${String(drawn)}`).digest('hex').slice(0, length);
  };
  return {
    hex,
    uuid() {
      const digits = hex(32);
      const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) % 4);
      const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
      return [...parts, `${variant}${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-');
    },
  };
}
