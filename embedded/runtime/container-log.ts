import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

/** Longer lines are written in parts, so that a program without line ends costs no memory. */
const longestLineBytes = 16 * 1024;
const lineFeed = 0x0a;

/** RFC 3339 with nanoseconds: the wall clock, with the digits below a millisecond from the monotonic clock. */
function preciseTimestamp(): string {
  const iso = new Date().toISOString();
  const below = (process.hrtime.bigint() % 1_000_000n).toString().padStart(6, '0');
  return `${iso.slice(0, -1)}${below}Z`;
}

/** One run of a container: a file in the CRI format (`time stream F|P text`), which can be read while it grows. */
export interface ContainerLog {
  readonly path: string;
  /** Writes until the stream ends; the stream is read only as fast as the file takes it. */
  capture(stream: Readable, name: 'stdout' | 'stderr'): Promise<void>;
  close(): Promise<void>;
  /** Counts the writes. */
  readonly version: number;
  /** Resolves once there was a write after `version`, or the log is closed; rejects when aborted. */
  changedSince(version: number, signal: AbortSignal): Promise<void>;
  readonly closed: boolean;
}

function* linesOf(chunk: Buffer): Generator<{ text: Buffer; ended: boolean }> {
  let start = 0;
  while (start < chunk.length) {
    const end = chunk.indexOf(lineFeed, start);
    yield { text: chunk.subarray(start, end < 0 ? chunk.length : end), ended: end >= 0 };
    start = end < 0 ? chunk.length : end + 1;
  }
}

export async function createContainerLog(path: string): Promise<ContainerLog> {
  await mkdir(dirname(path), { recursive: true });
  const file: FileHandle = await open(path, 'a');
  let writes = Promise.resolve();
  let closed = false;
  let version = 0;
  let waiters: (() => void)[] = [];

  function wake(): void {
    version += 1;
    const woken = waiters;
    waiters = [];
    for (const waiter of woken) {
      waiter();
    }
  }

  function append(records: Buffer[]): Promise<void> {
    writes = writes.then(async () => {
      await file.appendFile(Buffer.concat(records));
      wake();
    });
    return writes;
  }

  async function capture(stream: Readable, name: 'stdout' | 'stderr'): Promise<void> {
    let held: Buffer = Buffer.alloc(0);
    const record = (tag: 'F' | 'P', text: Buffer): Buffer =>
      Buffer.concat([Buffer.from(`${preciseTimestamp()} ${name} ${tag} `), text, Buffer.of(lineFeed)]);
    try {
      for await (const chunk of stream) {
        const records: Buffer[] = [];
        for (const { text, ended } of linesOf(chunk as Buffer)) {
          held = held.length === 0 ? text : Buffer.concat([held, text]);
          while (held.length > longestLineBytes) {
            records.push(record('P', held.subarray(0, longestLineBytes)));
            held = held.subarray(longestLineBytes);
          }
          if (ended) {
            records.push(record('F', held));
            held = Buffer.alloc(0);
          }
        }
        if (records.length > 0) {
          await append(records);
        }
      }
    } catch {
      // The pipe broke because the process was killed: what was read so far is the log.
    }
    if (held.length > 0) {
      await append([record('P', held)]);
    }
  }

  return {
    path,
    capture,
    async close() {
      if (!closed) {
        await writes;
        closed = true;
        await file.close();
        wake();
      }
    },
    get version() {
      return version;
    },
    changedSince(seen, signal) {
      return new Promise((resolve, reject) => {
        if (closed || version !== seen) {
          resolve();
          return;
        }
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const onAbort = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { once: true });
        waiters.push(() => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    },
    get closed() {
      return closed;
    },
  };
}
