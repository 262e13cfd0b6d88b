import type { Clock } from '../../../embedded/clock.ts';

export interface VirtualClock extends Clock {
  /** Longhorn's seconds since the clock was made. */
  nowSeconds(): number;
  stop(): void;
}

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** Turns of the event loop in which nothing may happen before time moves on. */
const quietTurns = 3;

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** File requests and connections that are still on their way: time must not pass while their answers are awaited. */
function inputOutputBusy(): boolean {
  return process
    .getActiveResourcesInfo()
    .some((name) => name.startsWith('FSReq') || name === 'TCPSocketWrap' || name === 'TCPConnectWrap');
}

/**
 * Longhorn's real time without waiting for it: whenever nothing is left to do, time jumps to the next one who sleeps, one
 * sleeper at a time and in the order in which they are due. What happens is the same in every run. A connection that is
 * kept open stops the clock.
 */
export function createVirtualClock(): VirtualClock {
  const started = Date.UTC(2026, 0, 1);
  const sleepers: Sleeper[] = [];
  let now = 0;
  let stopped = false;

  const quiet = async (): Promise<void> => {
    for (let turns = 0; turns < quietTurns; turns += 1) {
      await turn();
      if (inputOutputBusy()) turns = -1;
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      await quiet();
      const next = sleepers.shift();
      if (next === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      now = Math.max(now, next.due);
      next.wake();
    }
  };
  void run();

  return {
    timeScale: 1,
    nowSeconds: () => now,
    stop() {
      stopped = true;
    },
    sleep(seconds, signal) {
      return new Promise((resolve, reject) => {
        const refuse = (): void => {
          const index = sleepers.indexOf(sleeper);
          if (index !== -1) sleepers.splice(index, 1);
          reject(signal?.reason as Error);
        };
        const sleeper: Sleeper = {
          due: now + seconds,
          wake() {
            signal?.removeEventListener('abort', refuse);
            resolve();
          },
        };
        if (signal?.aborted === true) {
          refuse();
          return;
        }
        signal?.addEventListener('abort', refuse, { once: true });
        const after = sleepers.findIndex(({ due }) => due > sleeper.due);
        if (after === -1) sleepers.push(sleeper);
        else sleepers.splice(after, 0, sleeper);
      });
    },
    timestamp: () => new Date(started + now * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z'),
  };
}
