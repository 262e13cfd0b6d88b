import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ContainerLog } from './container-log.ts';
import type { LogRequest } from './contract.ts';

type LogSelection = Pick<
  LogRequest,
  'follow' | 'tailLines' | 'sinceSeconds' | 'timestamps' | 'limitBytes' | 'output' | 'signal'
>;

const chunkBytes = 64 * 1024;
const lineFeed = 0x0a;
const space = 0x20;

/** Where the last `lines` lines of the file begin; reads backwards, so that only the tail is read. */
async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(chunkBytes);
  // The file's last byte ends the last line and starts none.
  let end = size - 1;
  let left = lines;
  if (lines === 0) {
    return size;
  }
  while (end > 0) {
    const start = Math.max(0, end - chunkBytes);
    await file.read(buffer, 0, end - start, start);
    for (let at = end - start - 1; at >= 0; at -= 1) {
      if (buffer[at] === lineFeed) {
        left -= 1;
        if (left === 0) {
          return start + at + 1;
        }
      }
    }
    end = start;
  }
  return 0;
}

/** Writes with back-pressure; false when the reader is gone or the limit is reached. */
function createSink(output: Writable, limitBytes: number | undefined): (bytes: Buffer) => Promise<boolean> {
  let left = limitBytes ?? Number.POSITIVE_INFINITY;
  return async (bytes) => {
    const part = bytes.length > left ? bytes.subarray(0, left) : bytes;
    left -= part.length;
    if (output.destroyed || output.writableEnded) {
      return false;
    }
    if (part.length > 0 && !output.write(part)) {
      await Promise.race([once(output, 'drain'), once(output, 'close')]);
    }
    return left > 0;
  };
}

/** A CRI record as the client sees it; undefined when it is older than asked for. */
function render(record: Buffer, selection: LogSelection, sinceMs: number): Buffer | undefined {
  const timeEnd = record.indexOf(space);
  const streamEnd = record.indexOf(space, timeEnd + 1);
  const tagEnd = record.indexOf(space, streamEnd + 1);
  const time = record.subarray(0, timeEnd).toString();
  if (Date.parse(time) < sinceMs) {
    return undefined;
  }
  const full = record.subarray(streamEnd + 1, tagEnd).toString() === 'F';
  const parts = [record.subarray(tagEnd + 1)];
  if (selection.timestamps) {
    parts.unshift(Buffer.from(`${time} `));
  }
  if (full) {
    parts.push(Buffer.of(lineFeed));
  }
  return Buffer.concat(parts);
}

/**
 * Sends a container's log as `kubectl logs` asks for it, one chunk at a time whatever its size. With `follow` it goes on
 * until the container's run ends or the client goes away. The output is not ended.
 */
export async function readContainerLog(log: ContainerLog, selection: LogSelection): Promise<void> {
  const { follow, tailLines, sinceSeconds, signal } = selection;
  const sinceMs = sinceSeconds === undefined ? Number.NEGATIVE_INFINITY : Date.now() - sinceSeconds * 1000;
  const send = createSink(selection.output, selection.limitBytes);
  const file = await open(log.path, 'r');
  try {
    let offset = tailLines === undefined ? 0 : await tailOffset(file, tailLines);
    const buffer = Buffer.alloc(chunkBytes);
    let held: Buffer = Buffer.alloc(0);
    while (!signal.aborted) {
      // Asked before reading: a write that comes between the two is then noticed.
      const wasClosed = log.closed;
      const version = log.version;
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset);
      if (bytesRead === 0) {
        if (!follow || wasClosed) {
          return;
        }
        await log.changedSince(version, signal);
        continue;
      }
      offset += bytesRead;
      held = Buffer.concat([held, buffer.subarray(0, bytesRead)]);
      const lines: Buffer[] = [];
      let start = 0;
      for (let end = held.indexOf(lineFeed); end >= 0; end = held.indexOf(lineFeed, start)) {
        const line = render(held.subarray(start, end), selection, sinceMs);
        if (line !== undefined) {
          lines.push(line);
        }
        start = end + 1;
      }
      held = held.subarray(start);
      if (!(await send(Buffer.concat(lines)))) {
        return;
      }
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  } finally {
    await file.close();
  }
}
