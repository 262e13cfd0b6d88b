/** `pods/exec` through the proxy: message by message, so that a stream can break where it is told to. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import type { Upstream } from './proxy.ts';
import type { Trouble } from './trouble.ts';

/** Channel of the command's status; 1 and 2 are its output. */
const statusChannel = 3;

export function bridgeExec(exchange: {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  upstream: Upstream;
  trouble: Trouble | undefined;
}): void {
  const { request, socket, head, upstream, trouble } = exchange;
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const url = new URL(request.url ?? '/', upstream.url);
  url.protocol = 'wss:';
  const { authorization = '' } = request.headers;
  const server = new WebSocket(url, protocols, { ca: upstream.authority, headers: { authorization } });
  // What comes before the client's side is open must not be lost.
  const early: RawData[] = [];
  const keep = (data: RawData): void => void early.push(data);
  server.on('message', keep);
  socket.on('error', () => undefined);
  server.on('error', () => socket.destroy());
  server.on('unexpected-response', (_outgoing, answer) => {
    const status = answer.statusCode ?? 502;
    socket.write(`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`);
    answer.pipe(socket);
  });
  server.once('open', () => {
    const acceptor = new WebSocketServer({ noServer: true, handleProtocols: () => server.protocol });
    acceptor.handleUpgrade(request, socket, head, (client) => {
      const forward = forwarder(client, trouble);
      server.off('message', keep);
      early.forEach(forward);
      server.on('message', forward);
      client.on('message', (data: RawData) => {
        server.send(data);
      });
      server.once('close', (code) => {
        client.close(code === 1005 || code === 1006 ? 1000 : code);
      });
      client.once('close', () => {
        server.terminate();
      });
      client.on('error', () => undefined);
    });
  });
}

function forwarder(client: WebSocket, trouble: Trouble | undefined): (data: RawData) => void {
  const at = trouble?.kind === 'cut-exec' ? trouble.at : undefined;
  let left = at === undefined || at === 'before-status' ? Number.POSITIVE_INFINITY : at.outputBytes;
  return (data) => {
    const message = data as Buffer;
    const isStatus = message[0] === statusChannel;
    if (isStatus && at !== undefined) {
      client.terminate();
      return;
    }
    client.send(message.subarray(0, left + 1), () => {
      if (left <= 0) client.terminate();
    });
    if (!isStatus) left -= message.length - 1;
  };
}
