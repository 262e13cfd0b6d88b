import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { LogRequest, PodBackend } from '../../runtime/contract.ts';
import { badRequest, forbiddenField, invalid, invalidValue } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import { flag } from '../http/exchange.ts';
import type { Exchange } from '../http/exchange.ts';
import { integerOf } from '../http/list-options.ts';

/** What of a log is asked for. */
export type LogOptions = Pick<
  LogRequest,
  'follow' | 'previous' | 'tailLines' | 'sinceSeconds' | 'timestamps' | 'limitBytes'
>;

function count(query: URLSearchParams, name: string, least: 0 | 1, errors: FieldError[]): number | undefined {
  if (!query.has(name)) return undefined;
  const value = integerOf(query, name);
  if (value < least)
    errors.push(
      invalidValue(name, value, least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0'),
    );
  return value;
}

/** Reads the query of a log. @throws StatusError 400 or 422, also when there is no such pod (kubernetes:pkg/registry/core/pod/rest/log.go). */
export function logOptions(query: URLSearchParams, pod: string): LogOptions {
  const errors: FieldError[] = [];
  const tailLines = count(query, 'tailLines', 0, errors);
  const limitBytes = count(query, 'limitBytes', 1, errors);
  const sinceTime = query.get('sinceTime') ?? '';
  if (sinceTime !== '' && query.has('sinceSeconds'))
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  const sinceSeconds = sinceTime === '' ? count(query, 'sinceSeconds', 1, errors) : secondsSince(sinceTime);
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, errors);
  return {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    tailLines,
    limitBytes,
    sinceSeconds,
  };
}

function secondsSince(time: string): number {
  const at = Date.parse(time);
  if (Number.isNaN(at))
    throw badRequest(
      `parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(time)} as "2006"`,
    );
  return Math.max(1, Math.ceil((Date.now() - at) / 1000));
}

/** Streams a container's log; an error before the first byte is a Status, one after it ends the stream. */
export async function serveLog(
  exchange: Exchange,
  backend: PodBackend,
  target: { namespace: string; pod: string; container: string | undefined; options: LogOptions },
): Promise<void> {
  const { response } = exchange;
  const { options, ...container } = target;
  const abort = new AbortController();
  response.once('close', () => abort.abort(new Error('the client has closed the log stream')));
  const begin = (): void => {
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'text/plain' });
  };
  const output = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      begin();
      if (response.destroyed) callback();
      else response.write(chunk, () => callback());
    },
  });
  const request: LogRequest = { ...container, ...options, output, signal: abort.signal };
  if (request.follow) {
    // A client that follows a silent container must see that the stream is open.
    const timer = setTimeout(() => {
      begin();
      response.flushHeaders();
    }, 50);
    response.once('close', () => clearTimeout(timer));
  }
  await backend.logs(request);
  if (!output.writableEnded) output.end();
  await finished(output);
  begin();
  response.end();
}
