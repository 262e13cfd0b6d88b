/** Which paths and methods there are, and who may see them, by apiserver and apiextensions-apiserver v0.36.2. */
import { expect, test } from '@playwright/test';
import { open, send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';
import { configMap, gadget, gadgetName, gadgets } from './gadgets.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const gadgetsPath = '/apis/example.com/v1/namespaces/default/gadgets';
const pageNotFound = '404 page not found\n';

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster({ customResources: [gadgets] });
  cluster.store.create('configmaps', configMap('one'));
  cluster.store.create(gadgetName, gadget('one'));
});

test.afterAll(() => cluster.close());

const ask = (
  method: string,
  path: string,
  more: { accept?: string; token?: string | undefined } = {},
): Promise<Answer> => send(cluster.server, { method, path, ...more });

const refused: readonly (readonly [what: string, method: string, path: string, status: number, answer: string])[] = [
  [
    'a built-in kind has no OPTIONS',
    'OPTIONS',
    maps,
    405,
    'the server does not allow this method on the requested resource',
  ],
  [
    'a built-in object is not created by its own path',
    'POST',
    `${maps}/one`,
    405,
    'the server does not allow this method on the requested resource',
  ],
  [
    'a custom kind names no method for OPTIONS',
    'OPTIONS',
    gadgetsPath,
    405,
    ' is not supported on resources of kind "gadgets.example.com"',
  ],
  [
    'a custom object that has no such subresource',
    'GET',
    `${gadgetsPath}/one/scale`,
    404,
    'gadgets.example.com "one" not found',
  ],
  [
    'a custom status is not deleted',
    'DELETE',
    `${gadgetsPath}/one/status`,
    405,
    'delete is not supported on resources of kind "gadgets.example.com"',
  ],
  ['a custom collection is not replaced', 'PUT', gadgetsPath, 400, 'name must be provided'],
  ['custom objects are created in a namespace', 'POST', '/apis/example.com/v1/gadgets', 404, pageNotFound],
  ['custom objects are deleted in a namespace', 'DELETE', '/apis/example.com/v1/gadgets', 404, pageNotFound],
  ['a check that is not made', 'GET', '/livez/nope', 404, pageNotFound],
];

for (const [what, method, path, status, answer] of refused) {
  test(`no such path or method: ${what}`, async () => {
    const { status: seen, body } = await ask(method, path);
    expect({ status: seen, answer: typeof body === 'string' ? body : (body.message as string) }).toEqual({
      status,
      answer,
    });
  });
}

test('a HEAD is answered for custom objects and refused for built-in ones', async () => {
  const statusOf = async (path: string): Promise<number | undefined> => {
    const message = await open(cluster.server, { method: 'HEAD', path });
    message.resume();
    return message.statusCode;
  };
  expect(await statusOf(`${gadgetsPath}/one`)).toBe(200);
  expect(await statusOf(`${maps}/one`)).toBe(405);
});

test('the older paths of a watch lead to the same watch, of a collection or of one object', async () => {
  const names = async (path: string): Promise<string[]> =>
    ((await ask('GET', `${path}?watch=1&timeoutSeconds=1`)).body as { object: { metadata: { name: string } } }[]).map(
      ({ object }) => object.metadata.name,
    );
  expect(await names('/api/v1/watch/namespaces/default/configmaps')).toEqual(['kube-root-ca.crt', 'one']);
  expect(await names('/api/v1/watch/namespaces/default/configmaps/one')).toEqual(['one']);
});

test('health is told in one word, or check by check', async () => {
  expect((await ask('GET', '/livez')).text).toBe('ok');
  expect((await ask('GET', '/livez/ping')).text).toBe('ok');
  const { text, headers } = await ask('GET', '/readyz?verbose&exclude=etcd&exclude=nope');
  expect(text).toMatch(
    /^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]etcd excluded: ok\n\[\+\]etcd-readiness ok\n\[\+\]informer-sync ok\n/,
  );
  expect(text).toMatch(
    /\[\+\]shutdown ok\nwarn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n$/,
  );
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('the index lists groups, versions and checks', async () => {
  const { paths } = (await ask('GET', '/')).body as { paths: string[] };
  expect(paths).toEqual(
    expect.arrayContaining(['/api/v1', '/apis/apps/v1', '/apis/example.com', '/livez/ping', '/version']),
  );
});

test('a caller without a name sees health and version, and no other path', async () => {
  const anonymous = { token: undefined };
  for (const path of ['/healthz', '/livez', '/readyz', '/version'])
    expect((await ask('GET', path, anonymous)).status).toBe(200);
  for (const path of ['/', '/api', '/apis/apps/v1', '/openapi/v2', '/nope']) {
    expect(await ask('GET', path, anonymous)).toMatchObject({
      status: 403,
      body: {
        message: `forbidden: User "system:anonymous" cannot get path "${path}"`,
        reason: 'Forbidden',
        details: {},
      },
    });
  }
});

test('aggregated discovery says when a client knows it already', async () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { headers } = await ask('GET', '/apis', { accept });
  expect(headers).toMatchObject({ etag: expect.stringMatching(/^"[0-9A-F]{128}"$/), vary: 'Accept' });
});

test('OpenAPI documents are kept under their hash, and an older one leads to the current', async () => {
  const { body } = await ask('GET', '/openapi/v3');
  const url =
    (body as { paths: Record<string, { serverRelativeURL: string }> }).paths['apis/example.com/v1']
      ?.serverRelativeURL ?? '';
  expect(url).toMatch(/^\/openapi\/v3\/apis\/example\.com\/v1\?hash=[0-9A-F]{128}$/);
  const hash = url.split('=')[1] ?? '';
  const document = await ask('GET', url);
  expect(document.headers).toMatchObject({ etag: `"${hash}"`, 'cache-control': 'public, immutable' });
  expect((await ask('GET', '/openapi/v3/apis/example.com/v1?hash=ABC')).headers).toMatchObject({ location: url });
  const again = await send(cluster.server, { method: 'GET', path: url, headers: { 'If-None-Match': `"${hash}"` } });
  expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
});

test('a refusal comes in YAML where the client prefers that', async () => {
  const { status, contentType, text } = await ask('GET', `${gadgetsPath}/none`, {
    accept: 'application/json;q=0.1,application/yaml',
  });
  expect({ status, contentType }).toEqual({ status: 404, contentType: 'application/yaml' });
  expect(text).toBe(
    'apiVersion: v1\ncode: 404\ndetails:\n  group: example.com\n  kind: gadgets\n  name: none\nkind: Status\nmessage: gadgets.example.com "none" not found\nmetadata: {}\nreason: NotFound\nstatus: Failure\n',
  );
});

test('a wait that is no duration is refused, and a page of any version comes whole', async () => {
  expect((await ask('GET', `${maps}?timeout=x`)).body).toMatchObject({
    code: 400,
    message: 'invalid timeout specified in the request URL - time: invalid duration "x"',
  });
  expect((await ask('GET', `${maps}?timeout=5`)).body).toMatchObject({
    code: 400,
    message: 'invalid timeout specified in the request URL - time: missing unit in duration "5"',
  });
  const { items, metadata } = (await ask('GET', `${maps}?limit=1&resourceVersion=0`)).body as {
    items: unknown[];
    metadata: object;
  };
  expect({ count: items.length, metadata }).toEqual({ count: 2, metadata: { resourceVersion: expect.any(String) } });
});

test('kinds that are to be replaced are served with a warning', async () => {
  expect((await ask('GET', '/api/v1/namespaces/default/endpoints')).headers['warning']).toBe(
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  );
  expect((await ask('GET', '/api/v1/componentstatuses')).headers['warning']).toBe(
    '299 - "v1 ComponentStatus is deprecated in v1.19+"',
  );
});
