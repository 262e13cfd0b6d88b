import type { Clock } from '../../../clock.ts';

/**
 * Waits on real processes scale with the cluster's time, but only down to what a process needs: a compressed grace
 * period of 30 ms would kill every program before it can handle its signal.
 */
export function scaledMs(clock: Clock, seconds: number, floorMs: number): number {
  return Math.min(seconds * 1000, Math.max(floorMs, seconds * 1000 * clock.timeScale));
}

/** The longest that a stopping process is waited for. */
export function graceMs(clock: Clock, seconds: number): number {
  return scaledMs(clock, seconds, 1000);
}

/** Waits in real time; resolves early, without an error, when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
