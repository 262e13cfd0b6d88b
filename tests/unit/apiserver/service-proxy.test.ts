import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@playwright/test';
import { send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';

/** What the pod was asked. */
interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let cluster: Cluster;
let pod: Server;
let seen: Seen[];

const port = (): number => (pod.address() as AddressInfo).port;

test.beforeAll(async () => {
  pod = createServer((request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body });
      response
        .writeHead(url === '/missing' ? 404 : 202, { 'Content-Type': 'application/json', 'X-Pod': 'yes' })
        .end('{"from":"pod"}');
    });
  });
  await new Promise<void>((resolve) => pod.listen(0, '127.0.0.1', resolve));
  cluster = await startCluster();
  cluster.store.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'backend', namespace: 'default' },
    spec: {
      selector: { app: 'backend' },
      ports: [
        { name: 'manager', port: 9500 },
        { name: 'other', port: 9600 },
      ],
    },
  });
});

test.beforeEach(() => {
  seen = [];
  cluster.server.setAccessRules([]);
});

test.afterAll(async () => {
  await cluster.close();
  await new Promise((resolve) => pod.close(resolve));
});

function endpoints(subsets: readonly Record<string, unknown>[]): void {
  const found = cluster.store.get({ resource: 'endpoints', namespace: 'default', name: 'backend' });
  if (found !== undefined) cluster.store.delete({ resource: 'endpoints', namespace: 'default', name: 'backend' });
  cluster.store.create('endpoints', {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'backend', namespace: 'default' },
    subsets,
  });
}

function ready(): void {
  endpoints([{ addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'manager', port: port() }] }]);
}

function ask(id: string, rest: string, call: { method?: string; body?: unknown } = {}): Promise<Answer> {
  return send(cluster.server, {
    method: 'GET',
    ...call,
    path: `/api/v1/namespaces/default/services/${id}/proxy${rest}`,
  });
}

for (const id of ['backend:9500', 'backend:manager', 'http:backend:9500', 'http:backend:manager']) {
  test(`${id} leads to the pod's port, with path, query, method and body, and back`, async () => {
    ready();
    const answer = await ask(id, '/v1/volumes/x?action=snapshotRevert', { method: 'POST', body: { name: 's1' } });
    expect(answer).toMatchObject({ status: 202, body: { from: 'pod' }, headers: { 'x-pod': 'yes' } });
    expect(seen).toMatchObject([{ method: 'POST', url: '/v1/volumes/x?action=snapshotRevert', body: '{"name":"s1"}' }]);
  });
}

test('the pod learns who forwards, and never the credentials of the caller', async () => {
  ready();
  expect((await ask('backend:9500', '/missing')).status).toBe(404);
  expect(seen[0]?.headers).toMatchObject({
    'x-forwarded-uri': '/api/v1/namespaces/default/services/backend:9500/proxy/missing',
    'x-forwarded-proto': 'https',
  });
  expect(seen[0]?.headers.authorization).toBeUndefined();
});

test('a path without its slash is sent there by a redirect, as the original does it', async () => {
  ready();
  const answer = await ask('backend:9500', '?a=1');
  expect(answer.status).toBe(301);
  expect(answer.headers.location).toBe('/api/v1/namespaces/default/services/backend:9500/proxy/?a=1');
  expect((await ask('backend:9500', '/')).status).toBe(202);
  expect(seen.map(({ url }) => url)).toEqual(['/']);
});

const refusals: readonly { what: string; id: string; subsets?: readonly Record<string, unknown>[]; says: object }[] = [
  {
    what: 'a service without endpoints',
    id: 'backend:9500',
    subsets: [],
    says: { code: 503, reason: 'ServiceUnavailable', message: 'no endpoints available for service "backend"' },
  },
  {
    what: 'a service whose pods are not ready',
    id: 'backend:9500',
    subsets: [{ notReadyAddresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'manager', port: 1 }] }],
    says: { code: 503, reason: 'ServiceUnavailable', message: 'no endpoints available for service "backend:9500"' },
  },
  {
    what: 'a port that the service does not have',
    id: 'backend:80',
    subsets: [],
    says: { code: 503, message: 'no service port 80 found for service "backend"' },
  },
  {
    what: 'a pod that does not listen',
    id: 'backend:other',
    subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'other', port: 1 }] }],
    says: { code: 503, message: 'error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused' },
  },
  {
    what: 'a service that is not there',
    id: 'nothing:9500',
    says: { code: 404, reason: 'NotFound', message: 'services "nothing" not found' },
  },
  {
    what: 'a scheme that is none',
    id: 'ftp:backend:9500',
    says: { code: 400, reason: 'BadRequest', message: 'invalid service request "ftp:backend:9500"' },
  },
];

for (const { what, id, subsets, says } of refusals) {
  test(`${what} is a Status: ${JSON.stringify(says)}`, async () => {
    if (subsets !== undefined) endpoints(subsets);
    const answer = await ask(id, '/v1');
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', ...says });
    expect(seen).toEqual([]);
  });
}

test('asking through a service is a permission of its own: create for a POST, get for a GET', async () => {
  ready();
  cluster.server.setAccessRules([{ effect: 'deny', resource: 'services', subresource: 'proxy', verb: 'create' }]);
  const refused = await ask('backend:9500', '/v1', { method: 'POST', body: {} });
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('cannot create resource \\"services/proxy\\"');
  expect((await ask('backend:9500', '/v1')).status).toBe(202);
});
