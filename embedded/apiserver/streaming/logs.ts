import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { LogRequest, PodBackend } from '../../runtime/contract.ts';
import { invalid, invalidValue } from '../errors.ts';
import { flag } from '../http/exchange.ts';
import type { Exchange } from '../http/exchange.ts';

function count(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    const complaint = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0';
    throw invalid({ group: '', kind: 'PodLogOptions' }, '', [invalidValue(name, value, complaint)]);
  }
  return value;
}

/** Streams a container's log; an error before the first byte is a Status, one after it ends the stream. */
export async function serveLog(
  exchange: Exchange,
  backend: PodBackend,
  target: { namespace: string; pod: string; container: string | undefined },
): Promise<void> {
  const { query, response } = exchange;
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
  const request: LogRequest = {
    ...target,
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    tailLines: count(query, 'tailLines', 0),
    sinceSeconds: count(query, 'sinceSeconds', 1),
    timestamps: flag(query, 'timestamps'),
    limitBytes: count(query, 'limitBytes', 1),
    output,
    signal: abort.signal,
  };
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
