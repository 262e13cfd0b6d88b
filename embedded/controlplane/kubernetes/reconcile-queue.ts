import { StatusError } from '../../apiserver/store.ts';
import type { Clock } from '../../clock.ts';

/** Keys to look at: each key is worked on by one call at a time, and once more when it was added meanwhile. */
export interface ReconcileQueue {
  add(key: string): void;
  /** Adds the key after a time of the cluster, e.g. for a back-off. */
  addAfter(key: string, seconds: number): void;
  /** Resolves when no call is running. After the signal is aborted none starts. */
  idle(): Promise<void>;
}

export interface ReconcileQueueOptions {
  /** For messages, e.g. `persistentvolume-controller`. */
  name: string;
  clock: Clock;
  signal: AbortSignal;
  reconcile: (key: string) => Promise<void> | void;
  /** Cluster seconds before failure n (from 1) is tried again; default 5 ms doubling to 1000 s, as client-go's. */
  backoffSeconds?: (failures: number) => number;
}

function defaultBackoffSeconds(failures: number): number {
  return Math.min(1000, 0.005 * 2 ** Math.min(failures, 20));
}

export function createReconcileQueue(options: ReconcileQueueOptions): ReconcileQueue {
  const { name, clock, signal, reconcile } = options;
  const backoffSeconds = options.backoffSeconds ?? defaultBackoffSeconds;
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();

  function addAfter(key: string, seconds: number): void {
    clock.sleep(seconds, signal).then(
      () => add(key),
      () => undefined,
    );
  }

  async function work(key: string): Promise<void> {
    try {
      await reconcile(key);
      failures.delete(key);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      if (!(error instanceof StatusError) && !(error instanceof RetryLater)) {
        console.error(`${name} failed on ${key} and will try again:`, error);
      }
      addAfter(key, backoffSeconds(count));
    }
  }

  function startNext(): void {
    for (const key of [...waiting]) {
      if (signal.aborted) {
        waiting.clear();
        return;
      }
      if (running.has(key)) {
        continue;
      }
      waiting.delete(key);
      const call = work(key).finally(() => {
        running.delete(key);
        if (waiting.size > 0) {
          setImmediate(startNext);
        }
      });
      running.set(key, call);
    }
  }

  function add(key: string): void {
    if (signal.aborted || waiting.has(key)) {
      return;
    }
    waiting.add(key);
    // The store calls listeners inside of writes; work starts outside of them.
    setImmediate(startNext);
  }

  return {
    add,
    addAfter,
    async idle() {
      await Promise.all(running.values());
    },
  };
}

/** Thrown by a controller that has reported its failure and wants to be called again after the back-off. */
export class RetryLater extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'RetryLater';
  }
}
