import { createHash } from 'node:crypto';

/**
 * Names and identifiers from one seed. Each purpose draws from a sequence of its own, so what one controller draws
 * does not depend on when another one does.
 */
export interface SeededNames {
  hex(purpose: string, length: number): string;
  uuid(purpose: string): string;
}

export function seededNames(seed: string): SeededNames {
  const drawn = new Map<string, number>();
  const hex = (purpose: string, length: number): string => {
    const count = (drawn.get(purpose) ?? 0) + 1;
    drawn.set(purpose, count);
    return createHash('sha256')
      .update(`${seed}/${purpose}/${String(count)}`)
      .digest('hex')
      .slice(0, length);
  };
  return {
    hex,
    uuid(purpose) {
      const digits = hex(purpose, 32);
      const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) % 4);
      const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
      return [...parts, `${variant}${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-');
    },
  };
}
