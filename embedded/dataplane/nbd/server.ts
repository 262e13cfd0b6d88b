import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { VolumeDevice } from '../raid/volume-device.ts';
import { BufferPool } from './buffer-pool.ts';
import { ByteReader } from './byte-reader.ts';
import { negotiate } from './handshake.ts';
import { ReplyWriter } from './reply-writer.ts';
import { Transmission } from './transmission.ts';

export interface NbdServerOptions {
  socketPath: string;
  exportName: string;
  device: VolumeDevice;
}

/** An NBD export of one volume on a Unix socket: the stand-in for `/dev/longhorn/<volume>`. */
export class NbdServer {
  readonly socketPath: string;
  readonly #options: NbdServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pool = new BufferPool();
  #connections = 0;

  private constructor(options: NbdServerOptions) {
    this.#options = options;
    this.socketPath = options.socketPath;
    this.#server = createServer((socket) => {
      void this.#serve(socket);
    });
  }

  /** A Unix socket's path has room for 107 bytes; a longer one fails here with its length. */
  static async listen(options: NbdServerOptions): Promise<NbdServer> {
    if (Buffer.byteLength(options.socketPath) > 107) {
      throw new Error(
        `socket path of ${Buffer.byteLength(options.socketPath)} bytes, at most 107 are possible: ${options.socketPath}; ` +
          'choose a shorter directory for the data plane',
      );
    }
    const server = new NbdServer(options);
    server.#server.listen(options.socketPath);
    await once(server.#server, 'listening');
    return server;
  }

  /** `nbd+unix:///?socket=<path>`, what nbdinfo, qemu-img and the probe open. */
  get uri(): string {
    return `nbd+unix:///?socket=${this.socketPath}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  async #serve(socket: Socket): Promise<void> {
    const { device, exportName } = this.#options;
    const connection = this.#connections++;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A broken connection shows as the end of its input; nobody else has an interest in it.
    socket.on('error', () => undefined);
    const reader = new ByteReader(socket);
    const served = {
      name: exportName,
      description: `Longhorn volume ${exportName}`,
      sizeBytes: () => device.sizeBytes,
    };
    const negotiated = await negotiate(socket, reader, served);
    if (negotiated.kind === 'transmission') {
      await new Transmission({
        connection,
        device,
        reader,
        replies: new ReplyWriter(socket, negotiated.structuredReplies),
        allocationContext: negotiated.allocationContext,
        pool: this.#pool,
      }).serve();
    }
    socket.end();
  }
}
