/**
 * A TLS proxy between the suite and the API of a cluster, known by a kubeconfig of its own. It makes trouble as it is told
 * and passes everything else on, watches and exec streams among it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { createServerCertificates } from '../../embedded/apiserver/transport/certificates.ts';
import { bridgeExec } from './exec-bridge.ts';
import type { SeenRequest, Trouble, TroubleMaker } from './trouble.ts';

export interface Upstream {
  readonly url: URL;
  readonly authority: string;
}

export interface ChaosProxy {
  readonly kubeconfigPath: string;
  readonly context: string;
  /** What happened so far: how often each kind of trouble. */
  readonly happened: Readonly<Record<string, number>>;
  /** Told of every request before it is passed on. */
  onRequest: (request: SeenRequest) => void;
  /** Breaks every connection, refuses new ones for that time, then serves again on the same port. */
  restart(downMs: number): Promise<void>;
  close(): Promise<void>;
}

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  contexts: { name: string; context: object }[];
  'current-context': string;
}

const host = '127.0.0.1';

export async function startChaosProxy(options: {
  kubeconfigPath: string;
  /** Where the proxy's own kubeconfig goes. */
  ownKubeconfigPath: string;
  troubleMaker: TroubleMaker;
}): Promise<ChaosProxy> {
  const kubeconfig = parse(await readFile(options.kubeconfigPath, 'utf8')) as Kubeconfig;
  const [cluster] = kubeconfig.clusters;
  const [context] = kubeconfig.contexts;
  if (cluster === undefined || context === undefined) throw new Error(`${options.kubeconfigPath} names no cluster`);
  const authority = Buffer.from(cluster.cluster['certificate-authority-data'], 'base64').toString();
  const upstream: Upstream = { url: new URL(cluster.cluster.server), authority };
  const certificates = createServerCertificates([host]);
  const happened: Record<string, number> = {};
  const agent = new Agent({ ca: authority, keepAlive: true });
  const sockets = new Set<Duplex>();
  const decide = (request: IncomingMessage, kind: SeenRequest['kind']): Trouble | undefined => {
    const seen = { method: request.method ?? 'GET', path: request.url ?? '/', kind };
    proxy.onRequest(seen);
    const trouble = options.troubleMaker(seen);
    if (trouble !== undefined) happened[trouble.kind] = (happened[trouble.kind] ?? 0) + 1;
    return trouble;
  };

  const listen = async (port: number): Promise<Server> => {
    const server = createServer({ key: certificates.key, cert: certificates.certificate }, (request, response) => {
      const kind = (request.url ?? '').includes('watch=true') ? 'watch' : 'plain';
      void serve({ request, response, upstream, agent, trouble: decide(request, kind) });
    });
    server.requestTimeout = 0;
    server.on('upgrade', (request, socket, head) => {
      bridgeExec({ request, socket, head, upstream, trouble: decide(request, 'exec') });
    });
    server.on('connection', (socket: Duplex) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    return server;
  };
  const shut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  cluster.cluster = {
    server: `https://${host}:${String(port)}`,
    'certificate-authority-data': Buffer.from(certificates.authority).toString('base64'),
  };
  // The reports must say that it is the embedded cluster, also through the proxy.
  context.name = 'embedded-behind-chaos-proxy';
  kubeconfig['current-context'] = context.name;
  await writeFile(options.ownKubeconfigPath, stringify(kubeconfig), { mode: 0o600 });
  const proxy: ChaosProxy = {
    kubeconfigPath: options.ownKubeconfigPath,
    context: context.name,
    happened,
    onRequest: () => undefined,
    async restart(downMs) {
      happened['restart'] = (happened['restart'] ?? 0) + 1;
      await shut();
      await delay(downMs);
      server = await listen(port);
    },
    async close() {
      await shut();
      agent.destroy();
    },
  };
  return proxy;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  readonly agent: Agent;
  readonly trouble: Trouble | undefined;
}

async function serve(exchange: Exchange): Promise<void> {
  const { request, response, trouble } = exchange;
  if (trouble?.kind === 'slow') await delay(trouble.delayMs);
  if (trouble?.kind === 'answer') {
    const message = 'injected by the chaos proxy';
    const headers = { 'content-type': 'application/json', 'retry-after': String(trouble.retryAfterSeconds) };
    const reason = trouble.status === 429 ? 'TooManyRequests' : 'InternalError';
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code: trouble.status };
    response.writeHead(trouble.status, headers).end(JSON.stringify(status));
  } else if (trouble?.kind === 'expire-watch') {
    const object = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Expired',
      message: 'too old',
      code: 410,
    };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
  } else if (trouble?.kind === 'reset' && trouble.when === 'before') {
    request.socket.destroy();
  } else {
    passOn(exchange);
  }
}

function passOn({ request, response, upstream, agent, trouble }: Exchange): void {
  const { hostname, port } = upstream.url;
  const headers = { ...request.headers, host: upstream.url.host };
  const breakOff = (): void => void request.socket.destroy();
  const outgoing = httpsRequest(
    { agent, hostname, port, method: request.method, path: request.url, headers },
    (answer) => {
      if (trouble?.kind === 'reset') {
        answer.resume().once('end', breakOff);
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch's headers come long before its first event.
      response.flushHeaders();
      let left = trouble?.kind === 'cut-watch' ? trouble.afterBytes : Number.POSITIVE_INFINITY;
      answer.on('data', (chunk: Buffer) => {
        response.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) breakOff();
      });
      answer.once('end', () => response.end()).once('error', breakOff);
    },
  );
  outgoing.once('error', breakOff);
  response.once('close', () => outgoing.destroy());
  request.pipe(outgoing);
}
