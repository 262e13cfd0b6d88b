import type { Clock } from '../../../clock.ts';

export interface ControllerOptions {
  name: string;
  clock: Clock;
  signal: AbortSignal;
  /** Brings one object closer to what it should be. Throwing means: try again later. */
  sync: (key: string) => void | Promise<void>;
  onError?: (key: string, error: unknown) => void;
}

/**
 * A work queue over object names: each name is worked on by one `sync` at a time, a name that comes again meanwhile is
 * worked on once more, errors are retried with growing delay, names do not wait for one another.
 */
export interface Controller {
  readonly name: string;
  enqueue(key: string): void;
  /** Enqueues after that much of Longhorn's time. */
  enqueueAfter(key: string, seconds: number): void;
  /** Resolves when no `sync` is running any more; call after the signal was aborted. */
  settled(): Promise<void>;
}

// A real watch event reaches its controller in some tens of milliseconds: recorded/longhorn-1.12.1/transitions.jsonl.
const reactionSeconds = 0.05;
const firstRetrySeconds = 0.2;
const lastRetrySeconds = 30;

export function createController(options: ControllerOptions): Controller {
  const { clock, signal } = options;
  const state = new Map<string, 'queued' | 'running' | 'running-dirty'>();
  const failures = new Map<string, number>();
  const running = new Set<Promise<void>>();

  const enqueue = (key: string): void => {
    if (signal.aborted) return;
    const now = state.get(key);
    if (now === 'running') state.set(key, 'running-dirty');
    if (now !== undefined) return;
    state.set(key, 'queued');
    const work = run(key).finally(() => running.delete(work));
    running.add(work);
  };

  const enqueueAfter = (key: string, seconds: number): void => {
    clock.sleep(seconds, signal).then(
      () => {
        enqueue(key);
      },
      () => undefined,
    );
  };

  async function run(key: string): Promise<void> {
    try {
      await clock.sleep(reactionSeconds, signal);
      state.set(key, 'running');
      await options.sync(key);
      failures.delete(key);
    } catch (error) {
      if (!signal.aborted) {
        const count = (failures.get(key) ?? 0) + 1;
        failures.set(key, count);
        options.onError?.(key, error);
        enqueueAfter(key, Math.min(lastRetrySeconds, firstRetrySeconds * 2 ** (count - 1)));
      }
    } finally {
      const dirty = state.get(key) === 'running-dirty';
      state.delete(key);
      if (dirty) enqueue(key);
    }
  }

  return {
    name: options.name,
    enqueue,
    enqueueAfter,
    async settled() {
      await Promise.allSettled([...running]);
    },
  };
}
