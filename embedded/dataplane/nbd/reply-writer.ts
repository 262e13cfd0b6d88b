import type { Socket } from 'node:net';
import { SpdkError } from '../blobstore/errors.ts';
import { allocationContextId, magic, nbdErrno, replyChunk, replyFlagDone } from './protocol.ts';

export type DataRun =
  { kind: 'hole'; offset: number; length: number } | { kind: 'data'; offset: number; content: Buffer };

export interface Extent {
  length: number;
  state: number;
}

/** Writes replies in the form the client negotiated; replies to different requests never interleave within a chunk. */
export class ReplyWriter {
  readonly #socket: Socket;
  readonly #structured: boolean;

  constructor(socket: Socket, structured: boolean) {
    this.#socket = socket;
    this.#structured = structured;
  }

  get structured(): boolean {
    return this.#structured;
  }

  ok(cookie: bigint): void {
    if (this.#structured) this.#socket.write(chunkHeader(cookie, replyChunk.none, replyFlagDone, 0));
    else this.#socket.write(simpleHeader(cookie, 0));
  }

  error(cookie: bigint, error: unknown): void {
    const code = errnoOf(error);
    if (!this.#structured) {
      this.#socket.write(simpleHeader(cookie, code));
      return;
    }
    const text = Buffer.from(error instanceof Error ? error.message : String(error)).subarray(0, 4000);
    const body = Buffer.alloc(6);
    body.writeUInt32BE(code, 0);
    body.writeUInt16BE(text.length, 4);
    this.#socket.write(
      Buffer.concat([chunkHeader(cookie, replyChunk.error, replyFlagDone, 6 + text.length), body, text]),
    );
  }

  /** `onTaken` runs when the socket has copied the contents. Without structured replies there must be one data run. */
  data(cookie: bigint, runs: readonly DataRun[], onTaken: () => void): void {
    this.#socket.cork();
    if (!this.#structured) this.#socket.write(simpleHeader(cookie, 0));
    runs.forEach((run, position) => {
      const last = position === runs.length - 1;
      if (this.#structured) this.#socket.write(runHeader(cookie, run, last));
      if (run.kind === 'data') this.#socket.write(run.content, last ? onTaken : undefined);
      else if (last) onTakenNext(this.#socket, onTaken);
    });
    this.#socket.uncork();
  }

  blockStatus(cookie: bigint, extents: readonly Extent[]): void {
    const body = Buffer.alloc(4 + extents.length * 8);
    body.writeUInt32BE(allocationContextId, 0);
    extents.forEach((extent, position) => {
      body.writeUInt32BE(extent.length, 4 + position * 8);
      body.writeUInt32BE(extent.state, 8 + position * 8);
    });
    this.#socket.write(Buffer.concat([chunkHeader(cookie, replyChunk.blockStatus, replyFlagDone, body.length), body]));
  }
}

/** Runs after what was written so far has been taken. */
function onTakenNext(socket: Socket, onTaken: () => void): void {
  socket.write(Buffer.alloc(0), onTaken);
}

function runHeader(cookie: bigint, run: DataRun, last: boolean): Buffer {
  const flags = last ? replyFlagDone : 0;
  const header =
    run.kind === 'hole'
      ? chunkHeader(cookie, replyChunk.offsetHole, flags, 12, 12)
      : chunkHeader(cookie, replyChunk.offsetData, flags, 8 + run.content.length, 8);
  header.writeBigUInt64BE(BigInt(run.offset), 20);
  if (run.kind === 'hole') header.writeUInt32BE(run.length, 28);
  return header;
}

function chunkHeader(cookie: bigint, type: number, flags: number, length: number, extraBytes = 0): Buffer {
  const header = Buffer.alloc(20 + extraBytes);
  header.writeUInt32BE(magic.structuredReply, 0);
  header.writeUInt16BE(flags, 4);
  header.writeUInt16BE(type, 6);
  header.writeBigUInt64BE(cookie, 8);
  header.writeUInt32BE(length, 16);
  return header;
}

function simpleHeader(cookie: bigint, code: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32BE(magic.simpleReply, 0);
  header.writeUInt32BE(code, 4);
  header.writeBigUInt64BE(cookie, 8);
  return header;
}

function errnoOf(error: unknown): number {
  if (!(error instanceof SpdkError)) return nbdErrno.EIO;
  switch (error.errno) {
    case 'ENOSPC':
      return nbdErrno.ENOSPC;
    case 'EINVAL':
      return nbdErrno.EINVAL;
    case 'EPERM':
      return nbdErrno.EPERM;
    case 'EIO':
    case 'ENODEV':
    case 'EEXIST':
    case 'EBUSY':
      return nbdErrno.EIO;
  }
}
