import { connect, type Socket } from 'node:net';
import { ByteReader } from '../../../embedded/dataplane/nbd/byte-reader.ts';

/**
 * The smallest NBD client that the tests need: simple replies, one request at a time per call, errors as numbers. The
 * export is opened by EXPORT_NAME, so that no option negotiation is shared with the server's own code.
 */
export class VolumeClient {
  readonly sizeBytes: number;
  readonly #socket: Socket;
  readonly #reader: ByteReader;
  #cookie = 0n;

  private constructor(socket: Socket, reader: ByteReader, sizeBytes: number) {
    this.#socket = socket;
    this.#reader = reader;
    this.sizeBytes = sizeBytes;
  }

  static async open(uri: string): Promise<VolumeClient> {
    const path = new URL(uri).searchParams.get('socket') ?? '';
    const socket = connect(path);
    const reader = new ByteReader(socket);
    await reader.read(18);
    const hello = Buffer.alloc(4 + 16);
    hello.writeUInt32BE(3, 0);
    hello.write('IHAVEOPT', 4);
    hello.writeUInt32BE(1, 12);
    socket.write(hello);
    const answer = await reader.read(10);
    if (answer === undefined) throw new Error(`the server at ${path} closed the connection`);
    return new VolumeClient(socket, reader, Number(answer.readBigUInt64BE(0)));
  }

  async read(offset: number, length: number): Promise<Buffer> {
    await this.#request(0, offset, length);
    const data = await this.#reader.read(length);
    if (data === undefined) throw new Error('connection closed in the middle of a reply');
    return Buffer.from(data);
  }

  async write(offset: number, data: Buffer): Promise<void> {
    await this.#request(1, offset, data.length, data);
  }

  async writeZeroes(offset: number, length: number): Promise<void> {
    await this.#request(6, offset, length);
  }

  async trim(offset: number, length: number): Promise<void> {
    await this.#request(4, offset, length);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #request(command: number, offset: number, length: number, payload?: Buffer): Promise<void> {
    const request = Buffer.alloc(28);
    request.writeUInt32BE(0x25609513, 0);
    request.writeUInt16BE(command, 6);
    request.writeBigUInt64BE(++this.#cookie, 8);
    request.writeBigUInt64BE(BigInt(offset), 16);
    request.writeUInt32BE(length, 24);
    this.#socket.write(payload === undefined ? request : Buffer.concat([request, payload]));
    const reply = await this.#reader.read(16);
    if (reply === undefined) throw new Error('connection closed instead of a reply');
    const error = reply.readUInt32BE(4);
    if (error !== 0) throw new Error(`NBD error ${error}`);
  }
}
