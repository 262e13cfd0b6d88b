import type { Lvol } from '../dataplane/blobstore/lvol.ts';

/** So many generations below; undefined past the end of the chain. */
export function ancestorOf(lvol: Lvol, generations: number): Lvol | undefined {
  let current: Lvol | undefined = lvol;
  for (let hop = 0; hop < generations && current !== undefined; hop++) {
    current = current.parent.kind === 'snapshot' ? current.parent.lvol : undefined;
  }
  return current;
}
