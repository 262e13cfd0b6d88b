/** What goes wrong between the suite and the API, as data, and when: drawn from a seed. */

/** One thing that happens to one request. */
export type Trouble =
  /** Answered by the proxy; the server never sees the request. */
  | { readonly kind: 'answer'; readonly status: 429 | 500 | 503; readonly retryAfterSeconds: number }
  /** The connection breaks before the request reaches the server, or after the server did what was asked. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** A watch's only event is the server's 410: its resourceVersion is forgotten. */
  | { readonly kind: 'expire-watch' }
  /** A watch breaks within a line. */
  | { readonly kind: 'cut-watch'; readonly afterBytes: number }
  /** An exec stream breaks after that much output, or with everything but the command's status. */
  | { readonly kind: 'cut-exec'; readonly at: 'before-status' | { readonly outputBytes: number } };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly kind: 'plain' | 'watch' | 'exec';
}

/** Decides for each request; undefined lets it pass. */
export type TroubleMaker = (request: SeenRequest) => Trouble | undefined;

/** A small fast generator (mulberry32) started from a text, so that a seed gives the same sequence again. */
export function seededChance(seed: string): () => number {
  let state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A rough day that a client must get over by itself: now and then 429, 5xx, broken connections, slow answers, watches that
 * expire or break. Commands in pods are spared: what becomes of them is not the client's to repair.
 */
export function roughDay(seed: string): TroubleMaker {
  const chance = seededChance(seed);
  return ({ kind }) => {
    const dice = chance();
    if (kind === 'exec') return undefined;
    if (kind === 'watch') {
      if (dice < 0.15) return { kind: 'expire-watch' };
      if (dice < 0.35) return { kind: 'cut-watch', afterBytes: 1 + Math.floor(chance() * 4000) };
    }
    if (dice < 0.04) return { kind: 'answer', status: 429, retryAfterSeconds: 0 };
    if (dice < 0.07) return { kind: 'answer', status: 503, retryAfterSeconds: 0 };
    if (dice < 0.09) return { kind: 'answer', status: 500, retryAfterSeconds: 0 };
    if (dice < 0.12) return { kind: 'reset', when: 'before' };
    if (dice < 0.15 && kind === 'plain') return { kind: 'reset', when: 'after' };
    if (dice < 0.2) return { kind: 'slow', delayMs: Math.floor(chance() * 400) };
    return undefined;
  };
}

/** Every read of the device loses its stream: in the middle of its output, or when only its status is missing. */
export function cutPasses(seed: string): TroubleMaker {
  const chance = seededChance(seed);
  return ({ kind, path }) => {
    if (kind !== 'exec' || !path.includes('command=pass')) return undefined;
    const outputBytes = 1 + Math.floor(chance() * 300);
    return { kind: 'cut-exec', at: chance() < 0.5 ? 'before-status' : { outputBytes } };
  };
}
