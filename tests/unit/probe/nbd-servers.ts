import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { socketDirectory } from './machine.ts';

/** A request as it arrived at a scripted server. */
export interface SeenRequest {
  readonly flags: number;
  readonly type: number;
  readonly cookie: bigint;
  readonly offset: bigint;
  readonly length: number;
}

export interface ScriptedServer {
  readonly socketPath: string;
  readonly seen: readonly SeenRequest[];
  close(): void;
}

export const exportBytes = 1024 * 1024;

function be(...fields: readonly (readonly [bytes: 2 | 4 | 8, value: number | bigint])[]): Buffer {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64BE(BigInt(value));
      return field.subarray(8 - bytes);
    }),
  );
}

export function simpleReply(cookie: bigint, error: number, data: Buffer): Buffer {
  return Buffer.concat([be([4, 0x67446698], [4, error], [8, cookie]), data]);
}

export function chunk(cookie: bigint, options: { type: number; done: boolean; payload?: Buffer }): Buffer {
  const { type, done, payload = Buffer.alloc(0) } = options;
  return Buffer.concat([be([4, 0x668e33ef], [2, done ? 1 : 0], [2, type], [8, cookie], [4, payload.length]), payload]);
}

export function dataPayload(offset: bigint, data: Buffer): Buffer {
  return Buffer.concat([be([8, offset]), data]);
}

export function holePayload(offset: bigint, length: number): Buffer {
  return be([8, offset], [4, length]);
}

export function errorPayload(error: number, text: string): Buffer {
  return Buffer.concat([be([4, error], [2, text.length]), Buffer.from(text)]);
}

function optionReply(option: number, type: number, data: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([be([8, 0x3e889045565a9n], [4, option], [4, type], [4, data.length]), data]);
}

interface Script {
  readonly structured?: boolean;
  readonly flags?: number;
  /** Answers a request; what it does with the socket is up to it. */
  readonly onRequest?: (request: SeenRequest, socket: Socket) => void;
  readonly refuseExport?: string;
}

function serve(socket: Socket, script: Script, seen: SeenRequest[]): void {
  let buffer = Buffer.alloc(0);
  let phase: 'flags' | 'options' | 'requests' = 'flags';
  const take = (count: number): Buffer => {
    const taken = buffer.subarray(0, count);
    buffer = buffer.subarray(count);
    return taken;
  };
  const negotiate = (option: number): void => {
    if (option === 8) socket.write(optionReply(8, script.structured === false ? 0x80000001 : 1));
    else if (script.refuseExport !== undefined)
      socket.write(optionReply(option, 0x80000006, Buffer.from(script.refuseExport)));
    else {
      socket.write(optionReply(option, 3, be([2, 0], [8, exportBytes], [2, script.flags ?? 1 + 4 + 8])));
      socket.write(optionReply(option, 1));
      phase = 'requests';
    }
  };
  /** Whether something complete was taken from the buffer. */
  const step = (): boolean => {
    if (phase === 'flags') {
      if (buffer.length < 4) return false;
      take(4);
      phase = 'options';
      return true;
    }
    if (phase === 'options') {
      if (buffer.length < 16 || buffer.length < 16 + buffer.readUInt32BE(12)) return false;
      const option = buffer.readUInt32BE(8);
      take(16 + buffer.readUInt32BE(12));
      negotiate(option);
      return true;
    }
    if (buffer.length < 28) return false;
    const type = buffer.readUInt16BE(6);
    const length = buffer.readUInt32BE(24);
    if (type === 1 && buffer.length < 28 + length) return false;
    const head = take(28);
    if (type === 1) take(length);
    const request = {
      flags: head.readUInt16BE(4),
      type,
      cookie: head.readBigUInt64BE(8),
      offset: head.readBigUInt64BE(16),
      length,
    };
    seen.push(request);
    script.onRequest?.(request, socket);
    return true;
  };
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    buffer = Buffer.concat([buffer, bytes]);
    while (step());
  });
  socket.write(be([8, 0x4e42444d41474943n], [8, 0x49484156454f5054n], [2, 3]));
}

/** An NBD server of 1 MiB that does what its script says, however wrong. */
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const directory = socketDirectory();
  const socketPath = join(directory, 'nbd.sock');
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, script, seen);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    seen,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
