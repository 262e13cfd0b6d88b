import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Caller } from './access.ts';
import { StatusError } from '../store.ts';
import type { Payload } from '../store.ts';
import { sortedJson } from '../storage/order.ts';
import { yamlText } from '../wire/yaml.ts';
import { prefersYaml } from './negotiate.ts';

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly caller: Caller;
}

export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
}

/** A `Status` as it stands in a body. */
export function statusBody(error: StatusError): Record<string, Payload> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: error.continueWith === undefined ? {} : { continue: error.continueWith },
    status: 'Failure',
    message: error.message,
    ...(error.reason === '' ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    code: error.code,
  };
}

export function sendJson(
  exchange: Pick<Exchange, 'response'>,
  status: number,
  body: Payload,
  contentType = 'application/json',
): void {
  sendText(exchange, status, typeof body === 'string' ? body : JSON.stringify(body), contentType);
}

// apiserver:pkg/endpoints/handlers/responsewriters/writers.go@v0.36.2: longer answers are compressed, quickly.
const gzipThresholdBytes = 128 * 1024;
const gzipLevel = 1;

export function sendText(
  { response }: Pick<Exchange, 'response'>,
  status: number,
  text: string,
  contentType: string,
): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const { req: request } = response;
  const bytes = Buffer.from(contentType.startsWith('application/json') ? jsonText(request, text) : text, 'utf8');
  const gzip = bytes.length > gzipThresholdBytes && acceptsGzip(request);
  const body = gzip ? gzipSync(bytes, { level: gzipLevel }) : bytes;
  if (gzip) response.setHeader('Content-Encoding', 'gzip').appendHeader('Vary', 'Accept-Encoding');
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(body);
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return String(headers['accept-encoding'] ?? '')
    .split(',')
    .some((coding) => coding.trim() === 'gzip');
}

/** Indented for people, that is for `?pretty` and the usual tools on a command line; else a line. */
function jsonText(request: IncomingMessage, text: string): string {
  const asked = /[?&]pretty(?:=([^&]*))?(?:&|$)/.exec(request.url ?? '')?.[1] ?? '';
  const pretty =
    asked === '' ? /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '') : /^(1|t|true)$/i.test(asked);
  return pretty ? JSON.stringify(JSON.parse(text), null, 2) : `${text}\n`;
}

export function sendPageNotFound(exchange: Pick<Exchange, 'response'>): void {
  exchange.response.setHeader('X-Content-Type-Options', 'nosniff');
  sendText(exchange, 404, '404 page not found\n', 'text/plain; charset=utf-8');
}

/** Sends a Status in the form that the client asks for. */
export function sendStatus(exchange: Pick<Exchange, 'response'>, code: number, body: Payload): void {
  const yaml = prefersYaml(exchange.response.req.headers.accept);
  if (yaml) sendText(exchange, code, yamlText(sortedJson(body)), 'application/yaml');
  else sendJson(exchange, code, body);
}

/** Sends what was thrown: a `StatusError` as it stands, anything else as an internal error. */
export function sendError(exchange: Pick<Exchange, 'response'>, thrown: unknown): void {
  const error =
    thrown instanceof StatusError
      ? thrown
      : new StatusError(
          500,
          'InternalError',
          `Internal error occurred: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        );
  const retryAfter = error.details?.retryAfterSeconds;
  if (retryAfter !== undefined && !exchange.response.headersSent)
    exchange.response.setHeader('Retry-After', String(retryAfter));
  sendStatus(exchange, error.code, statusBody(error));
}

/** Warnings are shown by kubectl in yellow; RFC 7234 §5.5, code 299. */
export function addWarning({ response }: Pick<Exchange, 'response'>, text: string): void {
  response.appendHeader('Warning', `299 - ${JSON.stringify(text)}`);
}
