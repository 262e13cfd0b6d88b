import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { imageContent } from '../helpers/oracle/content.ts';
import type { Plan } from '../helpers/oracle/plan.ts';
import { messageOf } from './exit-codes.ts';
import type { ImageFile } from './image-file.ts';
import { rawFile, readImageFile } from './image-file.ts';
import { qcow2File } from './qcow2/qcow2-file.ts';

export interface ServeOptions {
  readonly plan: Plan;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log?: (line: string) => void;
}

type Range = { readonly from: number; readonly to: number };

/** One range of RFC 9110; several at once or none that makes sense are answered with the whole, as it allows. */
function parseRange(header: string | undefined, sizeBytes: number): Range | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  const from = match[1] === '' ? Math.max(0, sizeBytes - Number(match[2])) : Number(match[1]);
  const to = match[1] === '' || match[2] === '' ? sizeBytes : Math.min(sizeBytes, Number(match[2]) + 1);
  return from < to ? { from, to } : 'unsatisfiable';
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, ImageFile>,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path === '/ready') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ready\n');
    return;
  }
  const file = files.get(path);
  if (!file) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`there is ${[...files.keys()].join(' and ')}\n`);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const range = parseRange(request.headers.range, file.sizeBytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${file.sizeBytes}` }).end();
    return;
  }
  const { from, to } = range === 'whole' ? { from: 0, to: file.sizeBytes } : range;
  response.writeHead(range === 'whole' ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': to - from,
    'accept-ranges': 'bytes',
    ...(range !== 'whole' && { 'content-range': `bytes ${from}-${to - 1}/${file.sizeBytes}` }),
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(Readable.from(readImageFile(file, from, to)), response);
}

/**
 * Serves the plan's image as `/image.raw` and `/image.qcow2`, generated while it is sent, with Content-Length, HEAD and
 * ranges; `/ready` answers once it listens. Logs one line per request on standard error.
 */
export async function serveImage({ plan, host, port, log }: ServeOptions): Promise<Server> {
  const write = log ?? ((line: string) => process.stderr.write(`${line}\n`));
  const content = imageContent(plan);
  const files = new Map([
    ['/image.raw', rawFile(content)],
    ['/image.qcow2', qcow2File(content)],
  ]);
  const server = createServer((request, response) => {
    const line =
      `${request.socket.remoteAddress ?? 'unknown'} ${request.method} ${request.url} ${request.headers.range ?? ''}`.trimEnd();
    answer(request, response, files).then(
      () => write(`${line}: ${response.statusCode}`),
      (error: unknown) => {
        write(`${line}: ${messageOf(error)}`);
        response.destroy();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  write(`serving ${[...files.keys()].join(' and ')} on port ${address.port}`);
  return server;
}
