import type { KubeObject } from '../../../apiserver/store.ts';
import type { Resource } from '../resource.ts';

/** Wakes those who wait for any change of some resources. */
export interface ChangeSignal {
  /** Resolves at the next change after this call. */
  next(): Promise<void>;
}

export function createChangeSignal(resources: readonly Pick<Resource<KubeObject>, 'watch'>[]): ChangeSignal {
  let waiters: (() => void)[] = [];
  for (const resource of resources) {
    resource.watch(() => {
      const woken = waiters;
      waiters = [];
      for (const waiter of woken) {
        waiter();
      }
    });
  }
  return {
    next: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
      }),
  };
}
