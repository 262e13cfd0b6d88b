/** Deliberate failures of the server, asked for as data by tests of its clients. */
import type { IncomingMessage } from 'node:http';
import { StatusError } from './store.ts';

/** Which requests a fault hits; absent fields match any. */
export interface RequestMatch {
  readonly method?: string;
  /** A part of the path with its query, e.g. `/pods/x/exec` or `watch=`. */
  readonly urlPart?: string;
}

interface Limited {
  /** How many matching requests it hits before it is used up. */
  readonly times: number;
  readonly match?: RequestMatch;
}

export type ServerFault =
  /** Breaks every open watch at once, without a last event. */
  | { readonly kind: 'drop-watches' }
  /** Forgets the history: watches from any resourceVersion up to now are answered with 410 in an ERROR event. */
  | { readonly kind: 'compact' }
  /** Answers with an error instead of doing anything. */
  | ({ readonly kind: 'answer'; readonly status: 410 | 429 | 500 | 503; readonly retryAfterSeconds?: number } & Limited)
  | ({ readonly kind: 'delay'; readonly delayMs: number } & Limited)
  /** Breaks the connection of an exec after that many bytes of output, or when only its status is missing. */
  | ({ readonly kind: 'cut-exec'; readonly at: 'before-status' | { readonly outputBytes: number } } & Limited)
  /** Closes every connection, stays away, listens again on the same port; objects and history are kept. */
  | { readonly kind: 'restart'; readonly downMs: number };

type LimitedFault = Extract<ServerFault, { times: number }>;
type KindOf<K extends LimitedFault['kind']> = Extract<LimitedFault, { kind: K }>;

/** Faults that wait for the requests they are meant for. */
export interface PendingFaults {
  add(fault: LimitedFault): void;
  /** Takes the next fault of a kind that hits this request, if there is one. */
  take<K extends LimitedFault['kind']>(
    kind: K,
    request: Pick<IncomingMessage, 'method' | 'url'>,
  ): KindOf<K> | undefined;
  clear(): void;
}

export function createPendingFaults(): PendingFaults {
  let pending: { fault: LimitedFault; left: number }[] = [];
  return {
    add: (fault) => void pending.push({ fault, left: fault.times }),
    take<K extends LimitedFault['kind']>(kind: K, request: Pick<IncomingMessage, 'method' | 'url'>) {
      const found = pending.find(({ fault }) => fault.kind === kind && hits(fault.match, request));
      if (found === undefined) return undefined;
      found.left -= 1;
      if (found.left <= 0) pending = pending.filter((one) => one !== found);
      return found.fault as KindOf<K>;
    },
    clear() {
      pending = [];
    },
  };
}

function hits(match: RequestMatch | undefined, request: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  if (match?.method !== undefined && match.method !== request.method) return false;
  return match?.urlPart === undefined || (request.url ?? '').includes(match.urlPart);
}

/** The Status that a server sends with such a code. */
export function faultStatus(fault: KindOf<'answer'>): StatusError {
  const retry = fault.retryAfterSeconds;
  const details = retry === undefined ? undefined : { retryAfterSeconds: retry };
  switch (fault.status) {
    case 410:
      return new StatusError(410, 'Expired', 'The resourceVersion for the provided watch is too old.', details);
    case 429:
      return new StatusError(429, 'TooManyRequests', 'too many requests, please try again later', {
        retryAfterSeconds: retry ?? 1,
      });
    case 500:
      return new StatusError(500, 'InternalError', 'Internal error occurred: injected fault', {
        causes: [{ message: 'injected fault' }],
        ...details,
      });
    case 503:
      return new StatusError(
        503,
        'ServiceUnavailable',
        'the server is currently unable to handle the request',
        details,
      );
  }
}
