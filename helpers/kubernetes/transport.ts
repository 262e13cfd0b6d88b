/** HTTP and WebSocket to the API server, with deadlines, abort and errors that say what was asked. */
import { request as httpRequest, type IncomingMessage, type ClientRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { ApiError, ConnectionError, abortReason } from './errors.ts';
import type { Endpoint } from './kubeconfig.ts';

export type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal: AbortSignal;
  /** From the request to its last byte; for a stream, to its headers. */
  readonly timeoutMs: number;
}

export interface Transport {
  /** The whole answer as text. @throws ApiError on any status but 2xx, ConnectionError, or the signal's reason */
  send(request: TransportRequest): Promise<string>;
  /** The answer's body as it comes. The caller ends it by aborting the signal or by destroying it. */
  stream(request: TransportRequest): Promise<IncomingMessage>;
  /** An open WebSocket. @throws ApiError when the server answers with HTTP, ConnectionError otherwise */
  webSocket(options: WebSocketOptions): Promise<WebSocket>;
}

export interface WebSocketOptions {
  readonly path: string;
  readonly query: Readonly<Record<string, QueryValue>>;
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /**
   * Called before the connection opens, to add listeners: first frames may come in one packet with the handshake's
   * answer, and would be lost to whoever listens after the promise has resolved.
   */
  readonly listen: (socket: WebSocket) => void;
}

export function createTransport(endpoint: Endpoint): Transport {
  return {
    send: async (request) => {
      const response = await open(endpoint, request);
      const text = await readAll(response, request);
      return text;
    },
    stream: (request) => open(endpoint, request),
    webSocket: (options) => openWebSocket(endpoint, options),
  };
}

export function queryString(query: Readonly<Record<string, QueryValue>> = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? (value as readonly string[]) : [value])
      parameters.append(key, String(item));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function describe(request: { method: string; path: string; query?: Readonly<Record<string, QueryValue>> }): string {
  return `${request.method} ${request.path}${queryString(request.query)}`;
}

async function open(endpoint: Endpoint, request: TransportRequest): Promise<IncomingMessage> {
  request.signal.throwIfAborted();
  const description = describe(request);
  const options = await prepare(endpoint, request);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const make = endpoint.server.protocol === 'http:' ? httpRequest : httpsRequest;
    const outgoing = make(options, resolve);
    bindDeadline(outgoing, request);
    outgoing.on('error', (cause) => {
      reject(
        request.signal.aborted
          ? abortReason(request.signal)
          : new ConnectionError(description, cause, neverConnected(cause) ? 'no' : 'maybe'),
      );
    });
    outgoing.end(request.body);
  });
  const statusCode = response.statusCode ?? 0;
  if (statusCode >= 200 && statusCode < 300) return response;
  const body = await readAll(response, request);
  throw ApiError.fromBody({ request: description, statusCode, body, retryAfterMs: retryAfterMs(response) });
}

async function prepare(endpoint: Endpoint, request: TransportRequest): Promise<RequestOptions> {
  const base = await endpoint.requestOptions();
  const headers: Record<string, string | number> = {};
  if (request.body !== undefined) {
    headers['content-type'] = request.contentType ?? 'application/json';
    headers['content-length'] = Buffer.byteLength(request.body);
  }
  return {
    ...base,
    protocol: endpoint.server.protocol,
    host: endpoint.server.hostname.replace(/^\[|\]$/g, ''),
    port: endpoint.server.port === '' ? (endpoint.server.protocol === 'http:' ? 80 : 443) : endpoint.server.port,
    method: request.method,
    path: `${endpoint.server.pathname.replace(/\/$/, '')}${request.path}${queryString(request.query)}`,
    headers: { accept: 'application/json', ...base.headers, ...headers } as Record<string, string | number>,
    signal: request.signal,
  };
}

/** Destroys the request when its headers, or in `readAll` its body, do not come in time. */
function bindDeadline(outgoing: ClientRequest, request: TransportRequest): void {
  const timer = setTimeout(() => {
    outgoing.destroy(new Error(`no answer within ${String(request.timeoutMs)} ms`));
  }, request.timeoutMs);
  outgoing.once('response', () => {
    clearTimeout(timer);
  });
  outgoing.once('close', () => {
    clearTimeout(timer);
  });
}

async function readAll(response: IncomingMessage, request: TransportRequest): Promise<string> {
  const timer = setTimeout(() => {
    response.destroy(new Error(`answer not complete within ${String(request.timeoutMs)} ms`));
  }, request.timeoutMs);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  } catch (cause) {
    if (request.signal.aborted) throw abortReason(request.signal);
    throw new ConnectionError(describe(request), cause, 'maybe');
  } finally {
    clearTimeout(timer);
  }
}

function neverConnected(cause: Error): boolean {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
}

function retryAfterMs(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

async function openWebSocket(endpoint: Endpoint, options: WebSocketOptions): Promise<WebSocket> {
  options.signal.throwIfAborted();
  const description = describe({ method: 'GET', path: options.path, query: options.query });
  const base = await endpoint.requestOptions();
  const url = new URL(endpoint.server);
  url.protocol = endpoint.server.protocol === 'http:' ? 'ws:' : 'wss:';
  url.pathname = `${url.pathname.replace(/\/$/, '')}${options.path}`;
  url.search = queryString(options.query);
  // `ws` takes what node:https takes; its types do not say so.
  const socket = new WebSocket(url, [...options.protocols], {
    ...(base as unknown as WebSocket.ClientOptions),
    handshakeTimeout: options.timeoutMs,
  });
  options.listen(socket);
  return new Promise<WebSocket>((resolve, reject) => {
    const onAbort = (): void => {
      socket.terminate();
    };
    options.signal.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => {
      options.signal.removeEventListener('abort', onAbort);
    };
    socket.once('open', () => {
      settled();
      resolve(socket);
    });
    socket.once('error', (cause) => {
      settled();
      reject(
        options.signal.aborted
          ? abortReason(options.signal)
          : new ConnectionError(description, cause, neverConnected(cause) ? 'no' : 'maybe'),
      );
    });
    socket.once('unexpected-response', (outgoing: ClientRequest, response: IncomingMessage) => {
      void readAll(response, {
        method: 'GET',
        path: options.path,
        signal: options.signal,
        timeoutMs: options.timeoutMs,
      })
        .then((body) => ApiError.fromBody({ request: description, statusCode: response.statusCode ?? 0, body }))
        .catch((error: unknown) => error as Error)
        .then((error) => {
          settled();
          reject(error);
          outgoing.destroy();
        });
    });
  });
}

/** Ends a stream without raising an error from it. */
export function discard(stream: Duplex | IncomingMessage): void {
  stream.on('error', () => undefined);
  stream.destroy();
}
