/**
 * Retries for calls that may be repeated without harm, and only for what can pass by itself: 429, 5xx and broken
 * connections. A refusal (4xx) is an answer, and an observation is never retried until it pleases.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, ConnectionError } from './errors.ts';

export interface RetryBudget {
  readonly attempts: number;
  /** No new attempt starts after this many milliseconds. */
  readonly totalMs: number;
}

const defaultRetryBudget: RetryBudget = { attempts: 6, totalMs: 30_000 };

/** Told of each attempt that failed and is repeated. */
export type OnRetry = (what: string, error: Error, attempt: number) => void;

function isTransient(error: unknown): error is ApiError | ConnectionError {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && (error.statusCode === 429 || error.statusCode >= 500);
}

/** @throws the last error when the budget is spent or the error is not transient */
export async function withRetry<T>(options: {
  what: string;
  call: (attempt: number) => Promise<T>;
  signal: AbortSignal;
  onRetry: OnRetry;
  budget?: RetryBudget;
}): Promise<T> {
  const budget = options.budget ?? defaultRetryBudget;
  const startedMs = Date.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await options.call(attempt);
    } catch (error) {
      const waitMs = backoffMs(error, attempt);
      const spent = attempt >= budget.attempts || Date.now() - startedMs + waitMs > budget.totalMs;
      if (options.signal.aborted || !isTransient(error) || spent) throw error;
      options.onRetry(options.what, error, attempt);
      await delay(waitMs, undefined, { signal: options.signal });
    }
  }
}

function backoffMs(error: unknown, attempt: number): number {
  const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
  return asked ?? Math.min(100 * 2 ** attempt, 5_000);
}
