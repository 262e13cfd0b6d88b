import { createHash } from 'node:crypto';

/** A stream of pseudo-random choices. Every method consumes the stream, so the order of calls matters. */
export interface SeededRandom {
  /** Uniform 32-bit unsigned integer. */
  u32(): number;
  /** Whole number in `[from, below)`; the span must be between 1 and 2^32. */
  int(from: number, below: number): number;
  /** True in `share` of all cases, 0 ≤ share ≤ 1. */
  chance(share: number): boolean;
  /** One element of a non-empty list. */
  pick<T>(list: readonly T[]): T;
  /** A new list with the same elements in another order. */
  shuffle<T>(list: readonly T[]): T[];
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/**
 * The generator behind every random choice: xoshiro128** (Blackman and Vigna), its state being the first 128 bits,
 * little-endian, of SHA-256 over `seed NUL stream`. Streams of different names are independent, so a choice added to one
 * does not move the others. Plans are replayed from their seed: this function must never change what it returns.
 * Not for secrets.
 */
export function seededRandom(seed: string, stream: string): SeededRandom {
  const digest = createHash('sha256').update(`${seed}\0${stream}`).digest();
  let s0 = digest.readInt32LE(0);
  let s1 = digest.readInt32LE(4);
  let s2 = digest.readInt32LE(8);
  // The all-zero state is the generator's only fixed point.
  let s3 = digest.readInt32LE(12) | 1;

  function u32(): number {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotateLeft(s3, 11);
    return result;
  }

  function int(from: number, below: number): number {
    const span = below - from;
    if (!Number.isInteger(span) || span < 1 || span > 0x1_0000_0000) {
      throw new RangeError(`a seeded choice needs a span of 1 to 2^32 values, not [${from}, ${below})`);
    }
    return from + Math.floor((u32() / 0x1_0000_0000) * span);
  }

  function pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('a seeded choice from an empty list');
    return list[int(0, list.length)] as T;
  }

  function shuffle<T>(list: readonly T[]): T[] {
    const result = [...list];
    for (let last = result.length - 1; last > 0; last--) {
      const other = int(0, last + 1);
      [result[last], result[other]] = [result[other] as T, result[last] as T];
    }
    return result;
  }

  return { u32, int, pick, shuffle, chance: (share) => u32() < share * 0x1_0000_0000 };
}
