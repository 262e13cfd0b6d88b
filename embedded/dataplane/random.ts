import { createHash } from 'node:crypto';

/** A small deterministic generator (sfc32). Two with the same seed and the same calls give the same values. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in 0 … bound-1. */
  integer(bound: number): number;
  hex(length: number): string;
  /** A version 4 UUID. */
  uuid(): string;
}

/**
 * A generator of its own for one purpose (`uuid` of one lvol, completion jitter of one channel), so that what one part
 * draws never shifts what another part gets.
 */
export function seededRandom(seed: string, ...purpose: (string | number)[]): SeededRandom {
  const state = new Uint32Array(4);
  createHash('sha256')
    .update(JSON.stringify([seed, ...purpose]))
    .digest()
    .copy(new Uint8Array(state.buffer), 0, 0, 16);
  const nextUint32 = (): number => {
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const sum = (a + b + d) >>> 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = d + 1;
    return sum;
  };
  const hex = (length: number): string => {
    let text = '';
    while (text.length < length) text += nextUint32().toString(16).padStart(8, '0');
    return text.slice(0, length);
  };
  return {
    next: () => nextUint32() / 0x1_0000_0000,
    integer: (bound) => Math.floor((nextUint32() / 0x1_0000_0000) * bound),
    hex,
    uuid: () => {
      const digits = hex(32);
      const variant = '89ab'[parseInt(digits[16] ?? '0', 16) % 4] ?? '8';
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        `${variant}${digits.slice(17, 20)}`,
        digits.slice(20),
      ].join('-');
    },
  };
}
