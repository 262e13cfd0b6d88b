/** Answers that only a look at the sources tells, beyond the recorded ones (kubernetes, apiserver and apimachinery at v1.36.2). */
import { expect, test } from '@playwright/test';
import { send, startCluster } from './client.ts';
import type { Answer, Call, Cluster } from './client.ts';
import { configMap, gadgets } from './gadgets.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const namespaces = '/api/v1/namespaces';
const merge = 'application/merge-patch+json';

let cluster: Cluster;

test.beforeEach(async () => {
  cluster = await startCluster({ customResources: [gadgets] });
});

test.afterEach(() => cluster.close());

const ask = (method: string, path: string, body?: unknown, more: Partial<Call> = {}): Promise<Answer> =>
  send(cluster.server, { method, path, ...(body === undefined ? {} : { body }), ...more });
const patch = (path: string, body: unknown): Promise<Answer> => ask('PATCH', path, body, { contentType: merge });

test('a generated name fits into a label, whatever it begins with', async () => {
  const { body } = await ask('POST', maps, { ...configMap(''), metadata: { generateName: 'x'.repeat(70) } });
  expect(body.metadata.name).toMatch(/^x{58}[b-z0-9]{5}$/);
});

test('a null in a map is what Go holds for nothing', async () => {
  expect((await ask('POST', maps, '{"metadata":{"name":"a"},"data":{"k":null}}')).body.data).toEqual({ k: '' });
});

test('a replacement of resourceVersion 0 is one of any', async () => {
  cluster.store.create('configmaps', configMap('a'));
  expect(
    (await ask('PUT', `${maps}/a`, { ...configMap('a', { resourceVersion: '0' }), data: { k: 'w' } })).body.data,
  ).toEqual({ k: 'w' });
});

test('an object whose last finalizer goes is seen deleted as it was last stored', async () => {
  cluster.store.create('configmaps', configMap('a', { finalizers: ['example.com/hold'] }));
  await ask('DELETE', `${maps}/a`);
  const watching = ask('GET', `${maps}?watch=1&timeoutSeconds=1&resourceVersion=${cluster.store.revision()}`);
  expect((await patch(`${maps}/a`, { metadata: { finalizers: null } })).body.metadata.finalizers).toBeUndefined();
  expect((await watching).body).toMatchObject([
    {
      type: 'DELETED',
      object: { metadata: { finalizers: ['example.com/hold'], resourceVersion: String(cluster.store.revision()) } },
    },
  ]);
});

test('owners that are named twice are kept once, with a warning', async () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
  const { body, headers } = await ask(
    'POST',
    `${maps}?dryRun=All`,
    configMap('a', { ownerReferences: [owner, owner] }),
  );
  expect(body.metadata.ownerReferences).toEqual([owner]);
  expect(headers['warning']).toContain('please fix your requests; duplicate UID(s) observed: u');
});

test('a deletion that waits is accepted, where the older field asked for its dependents too', async () => {
  cluster.store.create('configmaps', configMap('a', { finalizers: ['example.com/hold'] }));
  expect((await ask('DELETE', `${maps}/a`, { orphanDependents: false })).status).toBe(202);
  expect((await ask('DELETE', `${maps}/a`)).status).toBe(200);
});

test('an object as YAML has its keys in order and its times quoted', async () => {
  cluster.store.create('configmaps', configMap('a'));
  const { text, contentType } = await ask('GET', `${maps}/a`, undefined, { accept: 'application/yaml' });
  expect(contentType).toBe('application/yaml');
  expect(text).toMatch(
    /^apiVersion: v1\ndata:\n {2}k: v\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "\d{4}-[^"]*Z"\n/,
  );
});

test('YAML with a key twice is read, its last one counts, and there is a warning for each', async () => {
  const text = 'kind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: one\n  k: two\n';
  const { body, headers } = await ask('POST', maps, text, { contentType: 'application/yaml' });
  expect(body.data).toEqual({ k: 'two' });
  expect(headers['warning']).toBe(String.raw`299 - "line 6: key \"k\" already set in map"`);
});

test('the fields of an object come in the order of their struct, those of a custom one by name', async () => {
  const { text } = await ask('POST', namespaces, { metadata: { labels: { a: 'b' }, name: 'n' } });
  expect(Object.keys(JSON.parse(text) as object)).toEqual(['kind', 'apiVersion', 'metadata', 'spec', 'status']);
  expect(text).toMatch(/"metadata":\{"name":"n","uid":"[^"]*","resourceVersion":"\d+","creationTimestamp":/);
  const custom = await ask('POST', '/apis/example.com/v1/namespaces/default/gadgets', {
    kind: 'Gadget',
    apiVersion: 'example.com/v1',
    metadata: { name: 'g' },
    spec: { size: '1' },
  });
  expect(custom.text).toMatch(/^\{"apiVersion":"example.com\/v1","kind":"Gadget","metadata":\{"creationTimestamp":/);
});

test('a namespace keeps the label of its name, and its phase', async () => {
  const { body } = await ask('POST', namespaces, {
    metadata: { name: 'n', labels: { 'kubernetes.io/metadata.name': 'other' } },
  });
  expect(body.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'n' });
  expect((await patch(`${namespaces}/n`, { metadata: { labels: null } })).body.metadata.labels).toEqual({
    'kubernetes.io/metadata.name': 'n',
  });
  expect((await patch(`${namespaces}/n/status`, { status: { phase: 'Terminating' } })).body.message).toBe(
    'Namespace "n" is invalid: status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  );
  expect((await ask('PUT', `${namespaces}/n/finalize`, { metadata: { name: 'n' }, spec: {} })).body.status).toEqual({
    phase: 'Active',
  });
});

test('a namespace is deleted on its own conditions, and says what holds it', async () => {
  await ask('POST', namespaces, { metadata: { name: 'n' } });
  const { uid } = (await ask('GET', `${namespaces}/n`)).body.metadata as { uid: string };
  expect((await ask('DELETE', `${namespaces}/n`, { preconditions: { uid: 'x' } })).body.message).toBe(
    `Operation cannot be fulfilled on namespaces "n": Precondition failed: UID in precondition: x, UID in object meta: ${uid}`,
  );
  await ask(
    'POST',
    `${namespaces}/n/configmaps`,
    configMap('held', { namespace: 'n', finalizers: ['example.com/hold'] }),
  );
  const watching = ask('GET', `${namespaces}?watch=1&timeoutSeconds=1&resourceVersion=${cluster.store.revision()}`);
  await ask('DELETE', `${namespaces}/n`);
  expect((await ask('POST', `${namespaces}/n/configmaps`, { metadata: { generateName: 'late-' } })).body.message).toBe(
    'configmaps "late-" is forbidden: unable to create new content in namespace n because it is being terminated',
  );
  await patch(`${namespaces}/n/configmaps/held`, { metadata: { finalizers: null } });
  const events = (await watching).body as {
    type: string;
    object: { spec: unknown; status: { conditions?: { type: string; status: string; message: string }[] } };
  }[];
  const told = (index: number): Record<string, string> =>
    Object.fromEntries(
      (events[index]?.object.status.conditions ?? []).map(({ type, status, message }) => [
        type,
        `${status}: ${message}`,
      ]),
    );
  expect(events.map(({ type }) => type)).toEqual(['MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED']);
  expect(told(0)).toEqual({});
  expect(told(1)).toEqual({
    NamespaceDeletionDiscoveryFailure: 'False: All resources successfully discovered',
    NamespaceDeletionGroupVersionParsingFailure: 'False: All legacy kube types successfully parsed',
    NamespaceDeletionContentFailure: 'False: All content successfully deleted, may be waiting on finalization',
    NamespaceContentRemaining: 'True: Some resources are remaining: configmaps. has 1 resource instances',
    NamespaceFinalizersRemaining:
      'True: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  });
  expect(told(2)).toMatchObject({ NamespaceContentRemaining: 'False: All content successfully removed' });
  expect(events[3]?.object.spec).toEqual({ finalizers: ['kubernetes'] });
});

test('a value of a field selector can have a comma, behind a backslash', async () => {
  const list = (selector: string): Promise<Answer> =>
    ask('GET', `${maps}?fieldSelector=${encodeURIComponent(selector)}`);
  expect((await list('metadata.name!=a\\,b')).status).toBe(200);
  expect((await list('metadata.name=a\\x')).body.message).toBe('invalid field selector: invalid escape sequence: \\x');
  expect((await list('metadata.name=a=b')).body.message).toBe(
    'invalid field selector: unescaped character in value: 61',
  );
});

test("every answer has an audit id, the client's where it sent one; what is no path is no request", async () => {
  expect((await ask('GET', maps)).headers['audit-id']).toMatch(/^[0-9a-f]{8}-/);
  expect(await ask('GET', '/api/v1/namespaces/%zz')).toMatchObject({
    status: 400,
    text: '400 Bad Request',
    contentType: 'text/plain; charset=utf-8',
  });
  expect((await ask('POST', '/version', {})).status).toBe(405);
});
