/**
 * What was done to a cluster, last first. Every undo is awaited before the next begins, every one is tried whatever the
 * others did, and every one is reported.
 */
import { abortReason } from './errors.ts';

export type UndoOutcome = 'undone' | 'kept' | 'failed';

export interface UndoReport {
  readonly what: string;
  readonly outcome: UndoOutcome;
  readonly detail?: string;
}

export interface UndoEntry {
  readonly what: string;
  /** Must cope with nothing having happened: it is pushed before what it undoes is done. */
  readonly undo: (signal: AbortSignal) => Promise<void>;
  /** Whether a scene that is kept to be looked at keeps this too. Settings of the cluster are always put back. */
  readonly scene: 'part' | 'never part';
}

export class UndoStack {
  readonly #entries: UndoEntry[] = [];
  readonly #report: (report: UndoReport) => void;

  constructor(report: (report: UndoReport) => void) {
    this.#report = report;
  }

  push(entry: UndoEntry): void {
    this.#entries.push(entry);
  }

  /**
   * Empties the stack. Each undo gets `timeoutMs` of its own; failures are answered, not thrown. With `keep: 'scene'`
   * only what is never part of a scene is undone, and the rest is reported as kept. Once `giveUp` is aborted, what is
   * left is reported as failed for its reason, and not tried.
   */
  async undoAll(options: {
    timeoutMs: number;
    keep: 'nothing' | 'scene';
    giveUp?: AbortSignal;
  }): Promise<readonly UndoReport[]> {
    const failures: UndoReport[] = [];
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      const kept = options.keep === 'scene' && entry.scene === 'part';
      const report: UndoReport = kept ? { what: entry.what, outcome: 'kept' } : await attempt(entry, options);
      this.#report(report);
      if (report.outcome === 'failed') failures.push(report);
    }
    return failures;
  }
}

async function attempt(
  entry: UndoEntry,
  { timeoutMs, giveUp }: { timeoutMs: number; giveUp?: AbortSignal },
): Promise<UndoReport> {
  if (giveUp?.aborted === true) {
    return { what: entry.what, outcome: 'failed', detail: `not tried: ${abortReason(giveUp).message}` };
  }
  const deadline = new AbortController();
  const late = `not undone within ${String(timeoutMs)} ms`;
  const timer = setTimeout(() => {
    deadline.abort(new Error(late));
  }, timeoutMs);
  const signal = giveUp === undefined ? deadline.signal : AbortSignal.any([deadline.signal, giveUp]);
  try {
    // An undo that does not heed its signal must not hold up the others.
    await Promise.race([entry.undo(signal), rejection(signal)]);
    return { what: entry.what, outcome: 'undone' };
  } catch (error) {
    return { what: entry.what, outcome: 'failed', detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => {
      reject(abortReason(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
