/** The event log's writer: one JSON object a line, on disk before the call returns, so that a killed run can be judged. */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunEvent, RunEventBody } from '../verdict/events.ts';

export interface EventLog {
  readonly path: string;
  /** Appends an event with the time since the log was opened. Writing after `close` is ignored. */
  readonly append: (event: RunEventBody) => void;
  readonly close: () => void;
}

/** Opens a new log; a log of that name is replaced. Each event is handed to the kernel at once and synced at the end. */
export function openEventLog(path: string): EventLog {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  const startedMs = performance.now();
  let state: 'open' | 'closed' = 'open';
  return {
    path,
    append: (body) => {
      if (state === 'closed') return;
      const tMs = Math.round((performance.now() - startedMs) * 10) / 10;
      const event: RunEvent = { tMs, at: new Date().toISOString(), ...body };
      writeSync(file, `${JSON.stringify(event)}\n`);
    },
    close: () => {
      if (state === 'closed') return;
      state = 'closed';
      fsyncSync(file);
      closeSync(file);
    },
  };
}
