/** Longhorn's waits, compressed by one factor: order and intermediate states stay, only the time between shrinks. */
export interface Clock {
  /** 1 is Longhorn's real time; 0.01 is a hundred times faster. */
  readonly timeScale: number;
  /** Waits `seconds` of Longhorn's time; rejects with the signal's reason when it is aborted. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
  /** Wall-clock time as Kubernetes writes it, whole seconds. */
  timestamp(): string;
}

export function createClock(timeScale: number): Clock {
  return {
    timeScale,
    sleep(seconds, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        const onAbort = (): void => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        const timer = setTimeout(
          () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
          seconds * 1000 * timeScale,
        );
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    timestamp() {
      return new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
    },
  };
}
