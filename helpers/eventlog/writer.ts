/** The event log's writer: one JSON object a line, on disk before the call returns, so that a killed run can be judged. */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { appendFile, readFile, truncate } from 'node:fs/promises';
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

/**
 * Adds an event to the log of a run whose own process is gone, e.g. what ended it. A line that was cut while it was written
 * goes first. A log without events stays as it is: there is no run to tell about.
 */
export async function appendToEndedLog(path: string, body: RunEventBody): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const lastLine = complete.trimEnd().split('\n').at(-1) ?? '';
  if (lastLine === '') return;
  const last = JSON.parse(lastLine) as RunEvent;
  const nowMs = Date.now();
  const tMs = last.tMs + Math.max(0, nowMs - Date.parse(last.at));
  const event: RunEvent = { tMs, at: new Date(nowMs).toISOString(), ...body };
  await truncate(path, Buffer.byteLength(complete));
  await appendFile(path, `${JSON.stringify(event)}\n`);
}
