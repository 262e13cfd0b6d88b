import type { Socket } from 'node:net';

const highWaterBytes = 8 * 1024 * 1024;

/** Takes exact numbers of bytes out of a socket. One reader at a time; the socket is paused while much is unread. */
export class ByteReader {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #wanted: { bytes: number; resolve: (data: Buffer | undefined) => void } | undefined;
  #ended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      if (this.#buffered > highWaterBytes && this.#wanted === undefined) socket.pause();
      this.#serve();
    });
    const end = (): void => {
      this.#ended = true;
      this.#serve();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', end);
  }

  /** The next `bytes` bytes, or `undefined` when the peer is gone before it sent them. */
  read(bytes: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      this.#wanted = { bytes, resolve };
      this.#serve();
      if (this.#wanted !== undefined && this.#socket.isPaused()) this.#socket.resume();
    });
  }

  #serve(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    if (this.#buffered >= wanted.bytes) {
      this.#wanted = undefined;
      wanted.resolve(this.#take(wanted.bytes));
    } else if (this.#ended) {
      this.#wanted = undefined;
      wanted.resolve(undefined);
    }
  }

  #take(bytes: number): Buffer {
    this.#buffered -= bytes;
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= bytes) {
      if (first.length === bytes) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(bytes);
      return first.subarray(0, bytes);
    }
    const whole = Buffer.allocUnsafe(bytes);
    for (let filled = 0; filled < bytes;) {
      const chunk = this.#chunks.shift() ?? Buffer.alloc(0);
      const used = Math.min(chunk.length, bytes - filled);
      chunk.copy(whole, filled, 0, used);
      if (used < chunk.length) this.#chunks.unshift(chunk.subarray(used));
      filled += used;
    }
    return whole;
  }
}
