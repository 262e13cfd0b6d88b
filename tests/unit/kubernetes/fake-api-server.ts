/**
 * As little of a Kubernetes API server as the client's tests need: ConfigMaps of one namespace, their watches, and exec;
 * every answer can be scripted. HTTP without TLS, which a kubeconfig allows with `insecure-skip-tls-verify`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { WebSocketServer, type WebSocket } from 'ws';

export interface FakeObject {
  readonly name: string;
  readonly uid: string;
  readonly labels?: Record<string, string>;
  readonly finalizers?: string[];
  readonly annotations?: Record<string, string>;
  readonly data?: Record<string, string>;
}

type Interceptor = (request: {
  method: string;
  url: URL;
  body: string;
  response: ServerResponse;
}) => 'handled' | 'pass';

export interface FakeApiServer {
  readonly kubeconfigPath: string;
  readonly url: string;
  /** `METHOD path?query` of every request, in order. */
  readonly requests: readonly string[];
  readonly bodies: readonly string[];
  resourceVersion: number;
  objects(): readonly FakeObject[];
  /** Stores an object and tells the watches; `silently` only stores it, as when a watch is half dead. */
  put(object: FakeObject, mode?: 'silently'): void;
  remove(name: string, mode?: 'silently'): void;
  /** Writes a line to every open watch. */
  sendToWatches(line: string): void;
  /** Ends every open watch: properly, or by cutting the connection. */
  endWatches(how: 'end' | 'cut'): void;
  openWatches(): number;
  /** Sees each request first. */
  intercept(interceptor: Interceptor | undefined): void;
  onExec(handler: (socket: WebSocket, request: IncomingMessage) => void): void;
  close(): Promise<void>;
}

const collection = '/api/v1/namespaces/test/configmaps';

export async function startFakeApiServer(directory: (name: string) => string): Promise<FakeApiServer> {
  const store = new Map<string, { object: FakeObject; resourceVersion: number }>();
  const watches = new Set<ServerResponse>();
  const requests: string[] = [];
  const bodies: string[] = [];
  let interceptor: Interceptor | undefined;
  let execHandler: ((socket: WebSocket, request: IncomingMessage) => void) | undefined;

  const render = (object: FakeObject, resourceVersion: number) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: object.name,
      namespace: 'test',
      uid: object.uid,
      resourceVersion: String(resourceVersion),
      labels: object.labels,
      annotations: object.annotations,
      finalizers: object.finalizers,
    },
    data: object.data,
  });
  const send = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const notify = (type: string, object: FakeObject, resourceVersion: number): void => {
    api.sendToWatches(JSON.stringify({ type, object: render(object, resourceVersion) }));
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      requests.push(`${request.method ?? ''} ${url.pathname}${url.search}`);
      bodies.push(body);
      const method = request.method ?? '';
      if (interceptor?.({ method, url, body, response }) === 'handled') return;
      route(method, url, body, response);
    });
  });

  function route(method: string, url: URL, body: string, response: ServerResponse): void {
    const name = url.pathname.startsWith(`${collection}/`) ? url.pathname.slice(collection.length + 1) : undefined;
    if (url.pathname === collection && method === 'GET' && url.searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      watches.add(response);
      response.on('close', () => watches.delete(response));
      const since = Number(url.searchParams.get('resourceVersion'));
      for (const { object, resourceVersion } of store.values()) {
        if (resourceVersion > since) {
          response.write(`${JSON.stringify({ type: 'MODIFIED', object: render(object, resourceVersion) })}\n`);
        }
      }
    } else if (url.pathname === collection && method === 'GET') {
      const items = [...store.values()].map(({ object, resourceVersion }) => render(object, resourceVersion));
      send(response, 200, { kind: 'ConfigMapList', metadata: { resourceVersion: String(api.resourceVersion) }, items });
    } else if (url.pathname === collection && method === 'POST') {
      create(JSON.parse(body) as { metadata: FakeObject; data?: Record<string, string> }, response);
    } else if (name !== undefined) {
      single(method, name, body, response);
    } else {
      send(response, 404, status(404, 'NotFound', 'the server could not find the requested resource'));
    }
  }

  function create(posted: { metadata: FakeObject; data?: Record<string, string> }, response: ServerResponse): void {
    const { name, labels, annotations, finalizers } = posted.metadata;
    if (store.has(name)) {
      send(response, 409, status(409, 'AlreadyExists', `configmaps "${name}" already exists`));
      return;
    }
    api.put(JSON.parse(JSON.stringify({ name, uid: `uid-${name}`, labels, annotations, finalizers })) as FakeObject);
    send(response, 201, rendered(name));
  }

  function single(method: string, name: string, body: string, response: ServerResponse): void {
    const found = store.get(name);
    if (found === undefined) {
      send(response, 404, status(404, 'NotFound', `configmaps "${name}" not found`));
      return;
    }
    if (method === 'DELETE') {
      const wanted = (JSON.parse(body) as { preconditions?: { uid?: string } }).preconditions?.uid;
      if (wanted !== undefined && wanted !== found.object.uid) {
        send(response, 409, status(409, 'Conflict', 'the UID in the precondition does not match the UID in record'));
        return;
      }
      api.remove(name);
      send(response, 200, { kind: 'Status', status: 'Success' });
      return;
    }
    if (method === 'PATCH') {
      const { metadata } = JSON.parse(body) as { metadata?: { labels?: Record<string, string> } };
      api.put({ ...found.object, labels: { ...found.object.labels, ...metadata?.labels } });
    }
    send(response, 200, rendered(name));
  }

  function rendered(name: string): unknown {
    const found = store.get(name);
    return found === undefined ? undefined : render(found.object, found.resourceVersion);
  }

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  server.on('upgrade', (request, socket, head) => {
    if (execHandler === undefined) {
      const body = JSON.stringify(status(404, 'NotFound', 'pods "nope" not found'));
      socket.end(`HTTP/1.1 404 Not Found\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`);
      return;
    }
    const handle = execHandler;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      handle(webSocket, request);
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const kubeconfigPath = directory('kubeconfig');
  writeFileSync(kubeconfigPath, kubeconfig(url));

  const api: FakeApiServer = {
    kubeconfigPath,
    url,
    requests,
    bodies,
    resourceVersion: 100,
    objects: () => [...store.values()].map(({ object }) => object),
    put(object, mode) {
      const type = store.has(object.name) ? 'MODIFIED' : 'ADDED';
      api.resourceVersion += 1;
      store.set(object.name, { object, resourceVersion: api.resourceVersion });
      if (mode !== 'silently') notify(type, object, api.resourceVersion);
    },
    remove(name, mode) {
      const found = store.get(name);
      if (found === undefined) return;
      store.delete(name);
      api.resourceVersion += 1;
      if (mode !== 'silently') notify('DELETED', found.object, api.resourceVersion);
    },
    sendToWatches(line) {
      for (const watch of watches) watch.write(`${line}\n`);
    },
    endWatches(how) {
      for (const watch of watches) {
        if (how === 'end') watch.end();
        else watch.destroy();
      }
      watches.clear();
    },
    openWatches: () => watches.size,
    intercept(next) {
      interceptor = next;
    },
    onExec(handler) {
      execHandler = handler;
    },
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return api;
}

export function status(code: number, reason: string, message: string): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

function kubeconfig(url: string): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{ name: fake, cluster: { server: "${url}", insecure-skip-tls-verify: true } }]`,
    'users: [{ name: fake, user: { token: secret } }]',
    'contexts: [{ name: fake, context: { cluster: fake, user: fake } }]',
    'current-context: fake',
    '',
  ].join('\n');
}
