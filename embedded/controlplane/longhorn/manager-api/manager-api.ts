/**
 * The part of longhorn-manager's HTTP API that the Service `longhorn-backend` leads to: volumes as it shows them, and a
 * few of their actions. Every manager pod listens on its own address, as the real ones do.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { KubeObject } from '../../../apiserver/store.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornNamespace } from '../cluster/names.ts';
import { sendBundle } from './bundle-download.ts';
import { ManagerError } from './manager-error.ts';
import { volumeActions, volumeNamed } from './volume-actions.ts';
import { volumeResource } from './volume-resource.ts';

/** Source: longhorn:deploy/longhorn.yaml@v1.11.0, port `manager`. */
export const managerPort = 9500;

export interface ManagerApi {
  /** Ends every listener and its connections. */
  stop(): Promise<void>;
}

/** Serves on the address of each manager pod while that runs. Where all pods share one address, one listener serves it. */
export function startManagerApi(cluster: LonghornCluster): ManagerApi {
  const listeners = new Map<string, Listener>();
  const closing = new Set<Promise<void>>();
  const follow = (): void => {
    const pods = cluster.store.list('pods', { namespace: longhornNamespace });
    const serving = new Set(pods.flatMap((pod) => servingAddress(pod) ?? []));
    for (const address of serving) {
      // An address that cannot be listened on is tried again at the next change of a pod.
      if (!listeners.has(address))
        listeners.set(
          address,
          listen(cluster, address, () => listeners.delete(address)),
        );
    }
    for (const [address, listener] of listeners) {
      if (serving.has(address)) continue;
      listeners.delete(address);
      const closed = listener.close().finally(() => closing.delete(closed));
      closing.add(closed);
    }
  };
  const unwatch = cluster.store.watch('pods', ({ object }) => {
    if (object.metadata.namespace === longhornNamespace) follow();
  });
  follow();
  return {
    async stop() {
      unwatch();
      await Promise.all([...closing, ...[...listeners.values()].map((listener) => listener.close())]);
    },
  };
}

interface Listener {
  /** Resolves when nothing listens any more and every connection is cut. */
  close(): Promise<void>;
}

function listen(cluster: LonghornCluster, address: string, onFailed: () => void): Listener {
  const server = createServer((request, response) => void answer(cluster, request, response));
  server.unref();
  const opened = new Promise<void>((resolve) => {
    server.once('listening', resolve);
    server.once('error', () => {
      onFailed();
      resolve();
    });
  });
  server.listen(managerPort, address);
  return {
    async close() {
      await opened;
      if (!server.listening) return;
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await ended;
    },
  };
}

function servingAddress({ metadata, status }: KubeObject): string | undefined {
  const { phase, podIP } = (status ?? {}) as { phase?: string; podIP?: string };
  const manages = metadata.namespace === longhornNamespace && metadata.labels?.['app'] === 'longhorn-manager';
  return manages && phase === 'Running' && metadata.deletionTimestamp === undefined ? podIP : undefined;
}

/** Never rejects. Source of the shape of an error: longhorn-manager:api/router.go writeErr@v1.11.3. */
async function answer(cluster: LonghornCluster, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await route(cluster, request, response);
  } catch (error) {
    const status = error instanceof ManagerError ? error.status : 500;
    const message = error instanceof Error ? error.message : String(error);
    const code = status === 404 ? 'Not Found' : 'Internal Server Error';
    const body = { type: 'error', links: {}, actions: {}, status, code, message, detail: '' };
    // Status first, type later: Go then takes the type from the first bytes.
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${JSON.stringify(body)}\n`);
  }
}

async function route(cluster: LonghornCluster, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(
    request.url ?? '/',
    `http://${request.headers.host ?? 'longhorn-backend'}`,
  );
  const [, name] = /^\/v1\/volumes\/([^/]+)$/.exec(pathname) ?? [];
  const base = `http://${request.headers.host ?? ''}/v1/volumes`;
  const sendVolume = (volume: string): void => {
    sendJson(response, volumeResource(cluster, volumeNamed(cluster, volume), `${base}/${volume}`));
  };
  const [, bundle] = /^\/v1\/supportbundles\/[^/]+\/([^/]+)\/download$/.exec(pathname) ?? [];
  if (request.method === 'GET' && bundle !== undefined) {
    sendBundle(cluster, bundle, response);
  } else if (request.method === 'GET' && pathname === '/v1/volumes') {
    const data = cluster.volumes
      .list()
      .map((volume) => volumeResource(cluster, volume, `${base}/${volume.metadata.name}`));
    sendJson(response, { type: 'collection', resourceType: 'volume', links: { self: base }, data });
  } else if (request.method === 'GET' && name !== undefined) {
    // A volume that is not there is answered without a word.
    if (cluster.volumes.get(name) === undefined) response.writeHead(404).end();
    else sendVolume(name);
  } else {
    const action = request.method === 'POST' ? volumeActions[searchParams.get('action') ?? ''] : undefined;
    if (name === undefined || action === undefined) response.writeHead(404).end('404 page not found\n');
    else if ((await action(cluster, name, await inputOf(request))) === 'volume') sendVolume(name);
    else response.writeHead(200).end();
  }
}

async function inputOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const input: unknown = await json(request).catch(() => undefined);
  if (typeof input !== 'object' || input === null) throw new ManagerError('Failed to parse JSON input');
  return input as Record<string, unknown>;
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
