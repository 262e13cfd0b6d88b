/**
 * What was done to a cluster, last first. Every undo is awaited before the next begins, every one is tried whatever the
 * others did, and every one is reported.
 */
export type UndoOutcome = 'undone' | 'kept' | 'failed';

export interface UndoReport {
  readonly what: string;
  readonly outcome: UndoOutcome;
  readonly detail?: string;
}

export class UndoStack {
  readonly #entries: { what: string; undo: (signal: AbortSignal) => Promise<void> }[] = [];
  readonly #report: (report: UndoReport) => void;

  constructor(report: (report: UndoReport) => void) {
    this.#report = report;
  }

  /** Push before doing what is to be undone: an undo must cope with nothing having happened. */
  push(what: string, undo: (signal: AbortSignal) => Promise<void>): void {
    this.#entries.push({ what, undo });
  }

  /** Empties the stack. Each undo gets `timeoutMs` of its own; failures are collected and answered, not thrown. */
  async undoAll(options: { timeoutMs: number }): Promise<readonly UndoReport[]> {
    const failures: UndoReport[] = [];
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      const report = await attempt(entry, options.timeoutMs);
      this.#report(report);
      if (report.outcome === 'failed') failures.push(report);
    }
    return failures;
  }

  /** Empties the stack without undoing anything, and says so. */
  keepAll(): void {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      this.#report({ what: entry.what, outcome: 'kept' });
    }
  }
}

async function attempt(
  entry: { what: string; undo: (signal: AbortSignal) => Promise<void> },
  timeoutMs: number,
): Promise<UndoReport> {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(new Error(`not undone within ${String(timeoutMs)} ms`));
  }, timeoutMs);
  try {
    await entry.undo(deadline.signal);
    return { what: entry.what, outcome: 'undone' };
  } catch (error) {
    return { what: entry.what, outcome: 'failed', detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
