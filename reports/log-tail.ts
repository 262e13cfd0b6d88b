import { closeSync, openSync, readSync } from 'node:fs';
import type { RunEvent } from '../helpers/verdict/events.ts';

/**
 * Follows an event log while a run writes it. Each call returns the events that were completed since the last one; a
 * line that is still being written waits for the next call, and a line that is no event is passed over: this is for
 * showing progress, never for a verdict.
 */
export class LogTail {
  private offset = 0;
  private rest = '';
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  read(): RunEvent[] {
    const lines = `${this.rest}${this.readNew()}`.split('\n');
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as RunEvent];
      } catch {
        return [];
      }
    });
  }

  private readNew(): string {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return '';
    }
    try {
      const chunks: Buffer[] = [];
      const chunk = Buffer.alloc(64 * 1024);
      for (let length = readSync(file, chunk, 0, chunk.length, this.offset); length > 0;) {
        chunks.push(Buffer.from(chunk.subarray(0, length)));
        this.offset += length;
        length = readSync(file, chunk, 0, chunk.length, this.offset);
      }
      // A character that was cut by the end of the file belongs to a line that was cut as well.
      return Buffer.concat(chunks).toString('utf8');
    } finally {
      closeSync(file);
    }
  }
}
