/** A bare HTTPS client: what the server sends, without a library's interpretation. */
import { request } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import type { ObjectStore, ObjectStoreOptions } from '../../../embedded/apiserver/object-store.ts';
import { startApiServer } from '../../../embedded/apiserver/server.ts';
import type { ApiServer } from '../../../embedded/apiserver/server.ts';
import type { PodBackend } from '../../../embedded/runtime/contract.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly contentType: string;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies are whatever the server sends
  readonly body: any;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly token?: string | undefined;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** The response once its head is there; the body may still be coming. */
export function open(server: ApiServer, call: Call): Promise<IncomingMessage> {
  const payload =
    call.body === undefined ? undefined : typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
  const token = 'token' in call ? call.token : server.token;
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(call.accept === undefined ? {} : { Accept: call.accept }),
    ...(payload === undefined
      ? {}
      : {
          'Content-Type': call.contentType ?? 'application/json',
          'Content-Length': String(Buffer.byteLength(payload)),
        }),
    ...call.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${server.url}${call.path}`,
      { method: call.method, headers, ca: server.authority, agent: false },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

export async function send(server: ApiServer, call: Call): Promise<Answer> {
  const message = await open(server, call);
  const text = await textOf(message);
  const contentType = message.headers['content-type'] ?? '';
  const lines =
    contentType === 'application/json' && /[?&]watch=(1|true)/.test(call.path)
      ? text.split('\n').filter((line) => line !== '')
      : undefined;
  const body: unknown =
    lines?.map((line) => JSON.parse(line) as unknown) ??
    (contentType.startsWith('application/json') ? JSON.parse(text) : text);
  return { status: message.statusCode ?? 0, headers: message.headers, contentType, text, body };
}

const noPods: PodBackend = {
  exec: () => Promise.resolve({ kind: 'failed', message: 'nothing runs here' }),
  logs: () => Promise.resolve(),
};

export interface Cluster {
  readonly store: ObjectStore;
  readonly server: ApiServer;
  close(): Promise<void>;
}

export async function startCluster(
  options: Partial<ObjectStoreOptions> & { backend?: PodBackend } = {},
): Promise<Cluster> {
  const { backend = noPods, ...rest } = options;
  const store = createObjectStore({ customResources: [], admission: [], ...rest });
  const server = await startApiServer({ store, backend: () => backend });
  return {
    store,
    server,
    async close() {
      await server.close();
      store.close();
    },
  };
}
