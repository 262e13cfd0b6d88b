import type { Clock } from '../../../clock.ts';

/** Calls `tick` again and again with that much of Longhorn's time between; a failing tick is reported, not fatal. */
export function startPoller(options: {
  clock: Clock;
  signal: AbortSignal;
  intervalSeconds: number;
  tick: () => void | Promise<void>;
  onError: (error: unknown) => void;
}): Promise<void> {
  const { clock, signal } = options;
  const loop = async (): Promise<void> => {
    for (;;) {
      try {
        await clock.sleep(options.intervalSeconds, signal);
      } catch {
        return;
      }
      try {
        await options.tick();
      } catch (error) {
        if (!signal.aborted) options.onError(error);
      }
    }
  };
  return loop();
}
