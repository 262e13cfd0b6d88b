/** Whether the API answers at all, watched beside work that would otherwise try again and again in vain. */
import type { KubeClient } from './client.ts';
import { ApiError } from './errors.ts';

export interface Reachability {
  /** Aborted, with a reason for a person, once nothing has answered for the time given. */
  readonly lost: AbortSignal;
  readonly stop: () => void;
}

/** Asks every second. Any answer counts, a refusal too: somebody is there. */
export function watchReachability(client: KubeClient, options: { lostAfterMs: number }): Reachability {
  const { lostAfterMs } = options;
  const lost = new AbortController();
  const stopped = new AbortController();
  const asking = client.with({ signal: stopped.signal, hooks: {} });
  let lastAnswerMs = Date.now();
  const timer = setInterval(() => {
    asking
      .ping({ timeoutMs: lostAfterMs })
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      })
      .then(() => {
        lastAnswerMs = Date.now();
      })
      .catch((error: unknown) => {
        if (stopped.signal.aborted || Date.now() - lastAnswerMs < lostAfterMs) return;
        const silence = `the API has not answered for ${String(Math.round((Date.now() - lastAnswerMs) / 1000))} s`;
        lost.abort(new Error(`${silence} (${error instanceof Error ? error.message : String(error)})`));
      });
  }, intervalMs);
  timer.unref();
  return {
    lost: lost.signal,
    stop: () => {
      clearInterval(timer);
      stopped.abort(new Error('nobody asks any more'));
    },
  };
}

const intervalMs = 1_000;
