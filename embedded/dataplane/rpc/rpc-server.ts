import { createServer, type Server, type Socket } from 'node:net';
import { jsonText } from './bdev-view.ts';
import { rpcMethods } from './methods.ts';
import { RpcError, type RpcTarget } from './target.ts';

const longestRequestBytes = 1024 * 1024;

/** SPDK's JSON-RPC 2.0 on a Unix socket: objects one after the other, no framing between them. */
export class RpcServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: RpcTarget) {
    this.#server = createServer((socket) => {
      this.#serve(socket, target);
    });
  }

  static listen(socketPath: string, target: RpcTarget): RpcServer {
    const server = new RpcServer(target);
    server.#server.listen(socketPath);
    return server;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #serve(socket: Socket, target: RpcTarget): void {
    let unread = '';
    this.#sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('close', () => this.#sockets.delete(socket));
    // A client that goes away in the middle concerns nobody else.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      unread += chunk;
      if (unread.length > longestRequestBytes) {
        socket.destroy();
        return;
      }
      for (let end = objectEnd(unread); end !== undefined; end = objectEnd(unread)) {
        void answer(unread.slice(0, end), target).then((reply) => socket.write(`${jsonText(reply)}\n`));
        unread = unread.slice(end).trimStart();
      }
    });
  }
}

async function answer(text: string, target: RpcTarget): Promise<object> {
  let id: unknown = null;
  try {
    const request = parse(text);
    id = request.id ?? null;
    const method = Object.hasOwn(rpcMethods, request.method) ? rpcMethods[request.method] : undefined;
    if (method === undefined) throw new RpcError(-32601, 'Method not found');
    return { jsonrpc: '2.0', id, result: await method(target, request.params ?? {}) };
  } catch (error) {
    const failure =
      error instanceof RpcError
        ? error
        : new RpcError(-32603, error instanceof Error ? error.message : 'Internal error');
    return { jsonrpc: '2.0', id, error: { code: failure.code, message: failure.message } };
  }
}

function parse(text: string): { id?: unknown; method: string; params?: Readonly<Record<string, unknown>> } {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    throw new RpcError(-32700, 'Parse error');
  }
  if (typeof request !== 'object' || request === null || !('method' in request) || typeof request.method !== 'string') {
    throw new RpcError(-32600, 'Invalid Request');
  }
  return request as { method: string };
}

/** Where the first complete JSON value ends; undefined while it is incomplete. */
function objectEnd(text: string): number | undefined {
  let depth = 0;
  let inString = false;
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (inString) {
      if (character === '\\') position += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth <= 0) return position + 1;
    }
  }
  return undefined;
}
