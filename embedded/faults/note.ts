import { renameSync, writeFileSync } from 'node:fs';
import type { Liveness } from './liveness.ts';

/** Differences come in thousands; a reader wants to know of all of them, a moment later. */
const delayMs = 20;

/** A file that holds, a moment after each difference that a fault makes, all that it has changed so far. */
export class FaultNote {
  readonly #path: string;
  #pending = false;

  constructor(path: string) {
    this.#path = path;
  }

  keep(liveness: Liveness): void {
    if (this.#pending) return;
    this.#pending = true;
    setTimeout(() => {
      this.#pending = false;
      this.#write(`${JSON.stringify(liveness.report(), null, 2)}\n`);
    }, delayMs).unref();
  }

  /** Whole at any moment: who reads the file does not wait for this process. */
  #write(text: string): void {
    const next = `${this.#path}.next`;
    try {
      writeFileSync(next, text);
      renameSync(next, this.#path);
    } catch (error) {
      // The cluster has ended, and its folder is gone.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
