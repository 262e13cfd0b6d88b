import { closeSync, openSync, readSync } from 'node:fs';
import type { RunEvent } from '../helpers/verdict/events.ts';

const newline = '\n'.charCodeAt(0);
const chunkBytes = 64 * 1024;

/**
 * Follows an event log while a run writes it. Each call returns the events that were completed since the last one; a
 * line that is still being written waits for the next call, and a line that is no event is passed over: this is for
 * showing a run, never for its verdict.
 */
export class LogTail {
  private offset = 0;
  private rest: Buffer = Buffer.alloc(0);
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  read(): RunEvent[] {
    const bytes = Buffer.concat([this.rest, ...this.readNew()]);
    const end = bytes.lastIndexOf(newline) + 1;
    this.rest = bytes.subarray(end);
    return bytes.toString('utf8', 0, end).split('\n').flatMap(parseEvent);
  }

  private readNew(): Buffer[] {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return [];
    }
    const chunks: Buffer[] = [];
    try {
      for (;;) {
        const chunk = Buffer.alloc(chunkBytes);
        const length = readSync(file, chunk, 0, chunkBytes, this.offset);
        if (length === 0) return chunks;
        this.offset += length;
        chunks.push(chunk.subarray(0, length));
      }
    } finally {
      closeSync(file);
    }
  }
}

function parseEvent(line: string): RunEvent[] {
  try {
    return [JSON.parse(line) as RunEvent];
  } catch {
    return [];
  }
}
