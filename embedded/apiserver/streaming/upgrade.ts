/** WebSocket upgrades: resolves the request like any other, then hands the socket to the stream it asks for. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { badRequest } from '../errors.ts';
import { faultStatus } from '../faults.ts';
import { flag, statusBody } from '../http/exchange.ts';
import { impersonated } from '../http/impersonation.ts';
import type { HandlerContext } from '../http/context.ts';
import { hostedContainer } from '../http/pods.ts';
import { requestedAccess } from '../http/request-info.ts';
import { resolveRoute, verbOf } from '../http/route.ts';
import { StatusError } from '../store.ts';
import { subprotocols } from './channels.ts';
import { serveExec } from './exec.ts';
import type { ExecStream } from './exec.ts';

/** A refusal that is plain text, not a Status, on the wire. */
class PlainRefusal extends Error {}

function refuse(socket: Duplex, error: unknown): void {
  const status =
    error instanceof StatusError
      ? error
      : new StatusError(
          500,
          'InternalError',
          `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
        );
  const plain = error instanceof PlainRefusal;
  const body = plain ? error.message : JSON.stringify(statusBody(status));
  const code = plain ? 400 : status.code;
  const head = [
    `HTTP/1.1 ${code} ${plain ? 'Bad Request' : status.reason}`,
    `Content-Type: ${plain ? 'text/plain; charset=utf-8' : 'application/json'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function streamOf(context: HandlerContext, request: IncomingMessage): ExecStream {
  const url = new URL(request.url ?? '/', 'https://cluster');
  const caller = impersonated(context.access, context.access.authenticate(request), request);
  const question = requestedAccess(request.method ?? 'GET', url.pathname, url.searchParams);
  if (question !== undefined) context.access.demand(caller, question);
  const route = resolveRoute(context.store.registry, url.pathname, request.method ?? 'GET');
  if (route.kind !== 'object' || route.type.storedAs !== 'pods' || route.subresource !== 'exec') {
    throw badRequest('only pods/exec can be upgraded to a WebSocket by the embedded cluster');
  }
  const verb = verbOf(request.method ?? 'GET', route, false);
  // An upgrade is a GET; since 1.35 it must be allowed like the POST too. kubernetes: AuthorizePodWebsocketUpgradeCreatePermission
  if (verb !== 'create' && question !== undefined) context.access.demand(caller, { ...question, verb: 'create' });
  const { name, namespace = '' } = route;
  const { searchParams: query } = url;
  const container = hostedContainer({ store: context.store, namespace, name }, query.get('container'));
  if (!/\bwebsocket\b/i.test(request.headers.upgrade ?? '')) {
    throw badRequest(
      `streams over ${request.headers.upgrade ?? 'nothing'} are not served by the embedded cluster; use a client that upgrades to WebSocket, such as kubectl 1.30 or newer`,
    );
  }
  const wants = {
    stdin: flag(query, 'stdin'),
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr'),
    tty: flag(query, 'tty'),
  };
  if (!wants.stdin && !wants.stdout && !wants.stderr)
    throw new PlainRefusal('you must specify at least 1 of stdin, stdout, stderr');
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least one command');
  return { namespace, pod: name, container, command, wants, fault: context.faults.take('cut-exec', request) };
}

export interface Upgrader {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Cuts every open stream. */
  closeAll(): void;
}

export function createUpgrader(context: HandlerContext): Upgrader {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => subprotocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  // A client that offers no subprotocol is told that it got the one without a name.
  sockets.on('headers', (headers, request) => {
    if (request.headers['sec-websocket-protocol'] === undefined) headers.push('Sec-WebSocket-Protocol: ');
  });

  const begin = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const delay = context.faults.take('delay', request);
    if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay.delayMs));
    const answer = context.faults.take('answer', request);
    if (answer !== undefined) throw faultStatus(answer);
    const stream = streamOf(context, request);
    // Older clients upgrade a POST; the handshake itself knows only GET.
    request.method = 'GET';
    sockets.handleUpgrade(request, socket, head, (connection) => void serveExec(connection, context.backend(), stream));
  };
  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      begin(request, socket, head).catch((error: unknown) => refuse(socket, error));
    },
    closeAll() {
      for (const connection of sockets.clients) connection.terminate();
    },
  };
}
