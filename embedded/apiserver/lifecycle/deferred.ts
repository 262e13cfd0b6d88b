/** Runs work after the write that caused it, one piece at a time, in order; what is left at `stop` is dropped. */
export interface DeferredQueue {
  push(work: () => void): void;
  stop(): void;
}

export function createDeferredQueue(): DeferredQueue {
  let queue: (() => void)[] = [];
  let scheduled = false;
  let stopped = false;
  const run = (): void => {
    scheduled = false;
    const batch = queue;
    queue = [];
    for (const work of batch) if (!stopped) work();
  };
  return {
    push(work) {
      if (stopped) return;
      queue.push(work);
      if (scheduled) return;
      scheduled = true;
      setImmediate(run);
    },
    stop() {
      stopped = true;
      queue = [];
    },
  };
}
