import type { KubeObject, ResourceName } from '../store.ts';

/** One write: the revision is the resourceVersion it made. */
export interface JournalEntry {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceName;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** The bounded memory of past writes that watches resume from; older ones answer 410. */
export interface Journal {
  append(entry: JournalEntry): void;
  /** Entries after `revision`, oldest first; undefined when some of them are forgotten. */
  since(revision: number): readonly JournalEntry[] | undefined;
  /** The last revision whose successors are not all remembered. */
  forgottenUpTo(): number;
  /** Forgets everything up to the revision, as a compaction does. */
  forget(revision: number): void;
}

export function createJournal(capacity: number): Journal {
  let entries: JournalEntry[] = [];
  let start = 0;
  let forgotten = 0;

  const indexAfter = (revision: number): number => {
    let low = start;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const dropBefore = (index: number): void => {
    const last = entries[index - 1];
    if (last !== undefined) forgotten = Math.max(forgotten, last.revision);
    start = index;
    // Amortised: the dead prefix is cut off only when it is as long as what lives.
    if (start > capacity) {
      entries = entries.slice(start);
      start = 0;
    }
  };

  return {
    append(entry) {
      entries.push(entry);
      if (entries.length - start > capacity) dropBefore(start + 1);
    },
    since: (revision) => (revision < forgotten ? undefined : entries.slice(indexAfter(revision))),
    forgottenUpTo: () => forgotten,
    forget(revision) {
      dropBefore(indexAfter(revision));
      forgotten = Math.max(forgotten, revision);
    },
  };
}
