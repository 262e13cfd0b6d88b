import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Device } from '../device/device.ts';
import { messageOf, ProbeError } from '../exit-codes.ts';
import { ByteFeed } from './byte-feed.ts';
import type { Conversation } from './byte-feed.ts';
import { handshake } from './handshake.ts';
import type { NbdExport } from './handshake.ts';
import * as nbd from './protocol.ts';
import { readReplies } from './replies.ts';
import type { PendingRequest } from './replies.ts';
import type { NbdAddress } from './uri.ts';

const receiveBytes = 1024 * 1024;
const connectTimeoutMs = 10_000;

/** One connection: the socket, what is on its way, and how it ended. */
class Connection {
  readonly pending = new Map<bigint, PendingRequest>();
  readonly opened: Promise<NbdExport>;
  readonly #socket: Socket;
  readonly #feed: ByteFeed;
  #nextCookie = 1n;
  #ended: string | undefined;
  #rejectOpened: (error: Error) => void = () => undefined;

  constructor({ socketPath, exportName }: NbdAddress) {
    let resolveOpened: (agreed: NbdExport) => void = () => undefined;
    this.opened = new Promise((resolve, reject) => {
      resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    this.#feed = new ByteFeed(this.#converse(exportName, (agreed) => resolveOpened(agreed)));
    const buffer = Buffer.alloc(receiveBytes);
    this.#socket = connect({
      path: socketPath,
      // One buffer for the life of the connection: chunks are copied out of it before the callback returns.
      onread: { buffer, callback: (count, bytes) => this.#receive(bytes.subarray(0, count)) },
    });
    this.#socket.setTimeout(connectTimeoutMs, () => this.end(`no handshake within ${connectTimeoutMs} ms`));
    this.#socket.on('error', (error) => this.end(messageOf(error)));
    this.#socket.on('close', () => this.end('the server closed the connection'));
  }

  *#converse(exportName: string, opened: (agreed: NbdExport) => void): Conversation {
    const agreed = yield* handshake((bytes) => this.#socket.write(bytes), exportName);
    this.#socket.setTimeout(0);
    opened(agreed);
    yield* readReplies({ structuredReplies: agreed.structuredReplies, pending: this.pending });
  }

  #receive(bytes: Uint8Array): boolean {
    try {
      this.#feed.push(bytes);
    } catch (error) {
      this.end(messageOf(error));
    }
    return true;
  }

  /** Ends the connection; what is on its way fails with `reason`. Further calls change nothing. */
  end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#rejectOpened(new Error(reason));
    for (const request of this.pending.values()) request.settle(reason);
    this.pending.clear();
    this.#socket.destroy();
  }

  request(options: {
    command: number;
    offsetBytes: number;
    lengthBytes: number;
    flags?: number;
    target?: Uint8Array;
    source?: Uint8Array;
  }): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(new Error(this.#ended));
    const { command, offsetBytes, lengthBytes, flags = 0, target, source } = options;
    const cookie = this.#nextCookie++;
    const head = Buffer.alloc(28);
    head.writeUInt32BE(nbd.requestMagic, 0);
    head.writeUInt16BE(flags, 4);
    head.writeUInt16BE(command, 6);
    head.writeBigUInt64BE(cookie, 8);
    head.writeBigUInt64BE(BigInt(offsetBytes), 16);
    head.writeUInt32BE(lengthBytes, 24);
    return new Promise((resolve, reject) => {
      const settle = (error: string | undefined): void => (error === undefined ? resolve() : reject(new Error(error)));
      this.pending.set(cookie, { command, offsetBytes, target, answered: [], error: undefined, settle });
      this.#socket.cork();
      this.#socket.write(head);
      if (source) this.#socket.write(source);
      this.#socket.uncork();
    });
  }

  /** Says goodbye, so that the server does not report a lost client. */
  async disconnect(): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#ended = 'the connection was closed';
    const goodbye = Buffer.alloc(28);
    goodbye.writeUInt32BE(nbd.requestMagic, 0);
    goodbye.writeUInt16BE(nbd.commands.disconnect, 6);
    await new Promise<void>((resolve) => this.#socket.end(goodbye, resolve));
    this.#socket.destroy();
  }
}

export type NbdDevice = Omit<Device, 'kind' | 'direct'> & { readonly agreed: NbdExport };

function failure(state: 'read' | 'write', what: string, address: NbdAddress): (error: unknown) => never {
  return (error) => {
    throw new ProbeError(state, `${what} on ${address.socketPath} failed: ${messageOf(error)}`, { cause: error });
  };
}

/**
 * Connects to an NBD server on a Unix socket: fixed newstyle, structured replies where the server has them, any number of
 * requests in flight. A short, doubled or unasked reply ends the connection.
 *
 * @throws {ProbeError} `open` when the handshake fails
 */
export async function connectNbd(address: NbdAddress): Promise<NbdDevice> {
  const connection = new Connection(address);
  const agreed = await connection.opened.catch((error: unknown) => {
    throw new ProbeError(
      'open',
      `cannot open the NBD export "${address.exportName}" on ${address.socketPath}: ${messageOf(error)}`,
      { cause: error },
    );
  });
  const { sizeBytes, flags, minimumBlockBytes, maximumRequestBytes } = agreed;

  function check(state: 'read' | 'write', lengthBytes: number): void {
    if (lengthBytes <= maximumRequestBytes) return;
    throw new ProbeError(
      state,
      `a request of ${lengthBytes} bytes is beyond the server's limit of ${maximumRequestBytes}`,
    );
  }

  /** A request for a range, without a payload. The length of one is 32 bits, and no server limits it further. */
  async function range(
    command: 'trim' | 'writeZeroes',
    word: string,
    where: { offsetBytes: number; lengthBytes: number },
  ): Promise<void> {
    const flag = command === 'trim' ? nbd.transmissionFlags.sendTrim : nbd.transmissionFlags.sendWriteZeroes;
    if ((flags & flag) === 0) {
      throw new ProbeError('unsupported', `the NBD server on ${address.socketPath} takes no ${word}`);
    }
    const what = `${word} of ${where.lengthBytes} bytes at ${where.offsetBytes}`;
    await connection.request({ command: nbd.commands[command], ...where }).catch(failure('write', what, address));
  }

  return {
    agreed,
    sizeBytes,
    logicalBlockBytes: Math.max(512, minimumBlockBytes),
    read: async (offsetBytes, target) => {
      check('read', target.length);
      const what = `reading ${target.length} bytes at ${offsetBytes}`;
      await connection
        .request({ command: nbd.commands.read, offsetBytes, lengthBytes: target.length, target })
        .catch(failure('read', what, address));
    },
    write: async (offsetBytes, source) => {
      check('write', source.length);
      const what = `writing ${source.length} bytes at ${offsetBytes}`;
      const fua = (flags & nbd.transmissionFlags.sendFua) !== 0 ? nbd.commandFlagFua : 0;
      await connection
        .request({ command: nbd.commands.write, offsetBytes, lengthBytes: source.length, flags: fua, source })
        .catch(failure('write', what, address));
    },
    discard: (offsetBytes, lengthBytes) => range('trim', 'discard', { offsetBytes, lengthBytes }),
    writeZeroes: (offsetBytes, lengthBytes) => range('writeZeroes', 'write-zeroes', { offsetBytes, lengthBytes }),
    flush: async () => {
      if ((flags & nbd.transmissionFlags.sendFlush) === 0) {
        throw new ProbeError(
          'write',
          `the NBD server on ${address.socketPath} has no flush: nothing written is known to last`,
        );
      }
      await connection
        .request({ command: nbd.commands.flush, offsetBytes: 0, lengthBytes: 0 })
        .catch(failure('write', 'flushing', address));
    },
    close: () => connection.disconnect(),
  };
}
