import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { RunEvent } from '../verdict/events.ts';

/** A line that is no event, other than a last one that was cut while it was written. */
export class MalformedEventLog extends Error {
  override readonly name = 'MalformedEventLog';
}

const eventSchema = z.looseObject({ type: z.string(), tMs: z.number(), at: z.string() });

/**
 * All events of a log, in order. A missing file is a run that died before it began: no events. A torn last line is left
 * out. @throws MalformedEventLog on any other line that is no event
 */
export async function readEvents(path: string): Promise<readonly RunEvent[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  return complete
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => parseEvent(line, `${path}:${String(index + 1)}`));
}

function parseEvent(line: string, where: string): RunEvent {
  try {
    // The writer is the only source of these lines; their common fields are checked, their bodies trusted.
    return eventSchema.parse(JSON.parse(line)) as unknown as RunEvent;
  } catch (cause) {
    throw new MalformedEventLog(`${where} is no event: ${line.slice(0, 120)}`, { cause });
  }
}
