import { expect, test } from '@playwright/test';
import { open, send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';
import { configMap, gadget, gadgetName, gadgets } from './gadgets.ts';

let cluster: Cluster;

test.beforeEach(async () => {
  cluster = await startCluster({ customResources: [gadgets] });
});

test.afterEach(() => cluster.close());

const maps = '/api/v1/namespaces/default/configmaps';
const gadgetPath = '/apis/example.com/v1/namespaces/default/gadgets';
const get = (path: string, accept?: string): Promise<Answer> =>
  send(cluster.server, { method: 'GET', path, ...(accept === undefined ? {} : { accept }) });
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

test('a list can be walked in pages that all show the state of the first', async () => {
  for (const name of ['a', 'b', 'c']) cluster.store.create('configmaps', configMap(name));
  const first = await get(`${maps}?limit=2`);
  expect(first.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['a', 'b']);
  cluster.store.delete({ resource: 'configmaps', namespace: 'default', name: 'c' });
  cluster.store.create('configmaps', configMap('d'));
  const second = await get(`${maps}?limit=5&continue=${first.body.metadata.continue}`);
  expect(second.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
    'c',
    'kube-root-ca.crt',
  ]);
  expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  await cluster.server.inject({ kind: 'compact' });
  const late = await get(`${maps}?limit=5&continue=${first.body.metadata.continue}`);
  expect(late).toMatchObject({ status: 410, body: { reason: 'Expired' } });
  expect(late.body.message).toContain('The provided continue parameter is too old');
  const rest = await get(`${maps}?limit=5&continue=${late.body.metadata.continue}`);
  expect(rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
    'd',
    'kube-root-ca.crt',
  ]);
});

test('a list at a resourceVersion of the past shows the past, one of the future times out', async () => {
  cluster.store.create('configmaps', configMap('a'));
  const then = cluster.store.revision();
  cluster.store.create('configmaps', configMap('b'));
  const past = await get(`${maps}?resourceVersion=${then}&resourceVersionMatch=Exact`);
  expect(past.body.items).toHaveLength(2);
  const future = await get(`${maps}?resourceVersion=${then + 50}`);
  expect(future).toMatchObject({
    status: 504,
    body: { reason: 'Timeout', message: `Timeout: Too large resource version: ${then + 50}, current: ${then + 1}` },
  });
  expect((await get(`${maps}?resourceVersionMatch=Exact`)).status).toBe(422);
  expect((await get(`${maps}?resourceVersion=x`)).status).toBe(400);
});

test('a watch with a selector shows objects that leave the selection as deleted and those that enter as added', async () => {
  const revision = cluster.store.create('configmaps', configMap('a', { labels: { on: 'yes' } })).metadata
    .resourceVersion;
  const watching = get(`${maps}?watch=1&timeoutSeconds=1&labelSelector=on%3Dyes&resourceVersion=${revision}`);
  const ref = { resource: 'configmaps', namespace: 'default', name: 'a' };
  cluster.store.mutate(ref, (draft) => (draft.metadata.labels = { on: 'no' }));
  cluster.store.mutate(ref, (draft) => (draft['data'] = { unseen: 'x' }));
  cluster.store.mutate(ref, (draft) => (draft.metadata.labels = { on: 'yes' }));
  const events = (await watching).body as { type: string; object: { metadata: { labels: Record<string, string> } } }[];
  expect(events.map(({ type, object }) => [type, object.metadata.labels['on']])).toEqual([
    ['DELETED', 'yes'],
    ['ADDED', 'yes'],
  ]);
});

test('a watch list sends what is there, a bookmark that says so, then what happens', async () => {
  cluster.store.create('configmaps', configMap('a'));
  const path = `${maps}?watch=1&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`;
  const message = await open(cluster.server, { method: 'GET', path });
  cluster.store.create('configmaps', configMap('b'));
  let text = '';
  for await (const chunk of message as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  const events = text
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { type: string; object: { metadata: { annotations?: Record<string, string> } } },
    );
  expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK', 'ADDED']);
  expect(events[2]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
});

test('a watch from a forgotten resourceVersion is told so in its only event', async () => {
  const revision = cluster.store.revision();
  await cluster.server.inject({ kind: 'compact' });
  cluster.store.create('configmaps', configMap('a'));
  expect((await get(`${maps}?watch=1&resourceVersion=${revision}&timeoutSeconds=1`)).body).toMatchObject([
    { type: 'ADDED' },
  ]);
  const old = await get(`${maps}?watch=1&resourceVersion=${revision - 1}&timeoutSeconds=1`);
  expect(old.body).toMatchObject([
    {
      type: 'ERROR',
      object: { code: 410, reason: 'Expired', message: `too old resource version: ${revision - 1} (${revision})` },
    },
  ]);
});

test('the history of a server is bounded, and what falls out of it is 410', async () => {
  const small = await startCluster({ historyLimit: 10 });
  try {
    const revision = small.store.revision();
    for (let index = 0; index < 20; index += 1) small.store.create('configmaps', configMap(`m${index}`));
    const old = await send(small.server, {
      method: 'GET',
      path: `${maps}?watch=1&resourceVersion=${revision}&timeoutSeconds=1`,
    });
    expect(old.body).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
    const recent = await send(small.server, {
      method: 'GET',
      path: `${maps}?watch=1&resourceVersion=${small.store.revision() - 5}&timeoutSeconds=1`,
    });
    expect(recent.body).toHaveLength(5);
  } finally {
    await small.close();
  }
});

test('custom resources are printed with the columns of their definition', async () => {
  cluster.store.create(gadgetName, gadget('one', { size: '5', count: 2 }));
  const status = {
    conditions: [
      { type: 'Other', status: 'x' },
      { type: 'Ready', status: 'True' },
    ],
  };
  cluster.store.mutate(
    { resource: gadgetName, namespace: 'default', name: 'one' },
    (draft) => (draft.status = status),
    { subresource: 'status' },
  );
  const { body } = await get(gadgetPath, table);
  expect(
    body.columnDefinitions.map((column: { name: string; priority: number }) => [column.name, column.priority]),
  ).toEqual([
    ['Name', 0],
    ['Size', 0],
    ['Ready', 0],
    ['Count', 1],
    ['Age', 0],
  ]);
  expect(body.rows[0].cells).toEqual(['one', '5', 'True', 2, expect.stringMatching(/^\d+s$/)]);
});

test('a custom resource is served in each of its versions', async () => {
  cluster.store.create(gadgetName, gadget('one'));
  const old = await get('/apis/example.com/v1beta1/namespaces/default/gadgets/one');
  expect(old.body).toMatchObject({ apiVersion: 'example.com/v1beta1', kind: 'Gadget' });
  expect((await get('/apis/example.com/v2/namespaces/default/gadgets')).text).toBe('404 page not found\n');
  expect((await get('/apis/example.com')).body.versions.map(({ version }: { version: string }) => version)).toEqual([
    'v1',
    'v1beta1',
  ]);
});

test('a replacement of a custom resource must name the resourceVersion it replaces', async () => {
  cluster.store.create(gadgetName, gadget('one'));
  const answer = await send(cluster.server, {
    method: 'PUT',
    path: `${gadgetPath}/one`,
    body: gadget('one', { size: '2' }),
  });
  expect(answer).toMatchObject({
    status: 422,
    body: {
      message:
        'gadgets.example.com "one" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    },
  });
});

test('a strategic merge patch is refused for custom resources, and a strange method for all', async () => {
  cluster.store.create(gadgetName, gadget('one'));
  const patch = await send(cluster.server, {
    method: 'PATCH',
    path: `${gadgetPath}/one`,
    contentType: 'application/strategic-merge-patch+json',
    body: {},
  });
  expect(patch).toMatchObject({
    status: 415,
    body: {
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    },
  });
  const put = await send(cluster.server, { method: 'PUT', path: maps, body: configMap('a') });
  expect(put).toMatchObject({
    status: 405,
    body: { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' },
  });
});

test('unknown and duplicate fields are refused, warned about or ignored, as the client asks', async () => {
  const text =
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","foo":"x"},"data":{"k":"1","k":"2"},"datas":{}}';
  const post = (mode: string): Promise<Answer> =>
    send(cluster.server, { method: 'POST', path: `${maps}?dryRun=All&fieldValidation=${mode}`, body: text });
  const strict = await post('Strict');
  expect(strict.status).toBe(400);
  expect(strict.body.message).toMatch(
    /^ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.foo", duplicate field "data.k", unknown field "datas"$/,
  );
  expect((await post('Warn')).headers['warning']).toContain('299 - "unknown field \\"datas\\""');
  expect((await post('Ignore')).headers['warning']).toBeUndefined();
});

test('a value of the wrong type is refused in the words of Go', async () => {
  const answer = await send(cluster.server, {
    method: 'POST',
    path: maps,
    body: { ...configMap('a'), data: { k: 1 } },
  });
  expect(answer).toMatchObject({
    status: 400,
    body: {
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    },
  });
});

test('delete honours preconditions and dry runs', async () => {
  const { uid } = cluster.store.create('configmaps', configMap('a')).metadata;
  const wrong = await send(cluster.server, {
    method: 'DELETE',
    path: `${maps}/a`,
    body: { preconditions: { uid: 'other' } },
  });
  expect(wrong).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  expect((await send(cluster.server, { method: 'DELETE', path: `${maps}/a?dryRun=All` })).status).toBe(200);
  expect(
    (await send(cluster.server, { method: 'DELETE', path: `${maps}/a`, body: { preconditions: { uid } } })).status,
  ).toBe(200);
  expect((await get(`${maps}/a`)).status).toBe(404);
});

test('a collection is deleted by selector and answers with what it deleted', async () => {
  for (const name of ['a', 'b']) cluster.store.create('configmaps', configMap(name, { labels: { run: 'x' } }));
  cluster.store.create('configmaps', configMap('c'));
  const answer = await send(cluster.server, { method: 'DELETE', path: `${maps}?labelSelector=run%3Dx` });
  expect(answer.body.items).toHaveLength(2);
  expect((await get(maps)).body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
    'c',
    'kube-root-ca.crt',
  ]);
});

test('core and events.k8s.io events are two views of the same object', async () => {
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    reason: 'Tested',
    note: 'a note',
    type: 'Normal',
    action: 'Test',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'x',
    reportingInstance: 'y',
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
  };
  expect(
    (
      await send(cluster.server, {
        method: 'POST',
        path: '/apis/events.k8s.io/v1/namespaces/default/events',
        body: event,
      })
    ).status,
  ).toBe(201);
  const core = await get('/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dp,reason%3DTested');
  expect(core.body.items).toMatchObject([
    { message: 'a note', involvedObject: { name: 'p' }, reportingComponent: 'x' },
  ]);
  expect((await get('/apis/events.k8s.io/v1/namespaces/default/events/e')).body).toMatchObject({
    note: 'a note',
    regarding: { name: 'p' },
    apiVersion: 'events.k8s.io/v1',
  });
});

test('callers without a token see only that the server is there, a wrong token is nobody', async () => {
  expect((await send(cluster.server, { method: 'GET', path: '/version', token: undefined })).status).toBe(200);
  const anonymous = await send(cluster.server, { method: 'GET', path: `${maps}/a`, token: undefined });
  expect(anonymous).toMatchObject({
    status: 403,
    body: {
      message:
        'configmaps "a" is forbidden: User "system:anonymous" cannot get resource "configmaps" in API group "" in the namespace "default"',
    },
  });
  expect(await send(cluster.server, { method: 'GET', path: maps, token: 'wrong' })).toMatchObject({
    status: 401,
    body: { reason: 'Unauthorized' },
  });
});

test('access rules deny requests and are what access reviews tell', async () => {
  cluster.server.setAccessRules([{ effect: 'deny', verb: 'delete', group: 'example.com', resource: 'gadgets' }]);
  cluster.store.create(gadgetName, gadget('one'));
  expect((await send(cluster.server, { method: 'DELETE', path: `${gadgetPath}/one` })).status).toBe(403);
  const review = (verb: string): Promise<Answer> =>
    send(cluster.server, {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { group: 'example.com', resource: 'gadgets', verb, namespace: 'default' } },
      },
    });
  expect((await review('delete')).body.status).toEqual({ allowed: false });
  expect((await review('get')).body.status).toEqual({ allowed: true });
});

test('a fault answers the requests it is meant for, as often as asked, and no others', async () => {
  await cluster.server.inject({
    kind: 'answer',
    status: 429,
    times: 2,
    match: { urlPart: '/configmaps' },
    retryAfterSeconds: 3,
  });
  const first = await get(maps);
  expect(first).toMatchObject({ status: 429, body: { reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } } });
  expect(first.headers['retry-after']).toBe('3');
  expect((await get('/api/v1/namespaces/default/secrets')).status).toBe(200);
  expect((await get(maps)).status).toBe(429);
  expect((await get(maps)).status).toBe(200);
});

test('a fault can be any refusal, a delay, or a server that is away for a while', async () => {
  for (const [status, reason] of [
    [410, 'Expired'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
  ] as const) {
    await cluster.server.inject({ kind: 'answer', status, times: 1, match: { method: 'GET', urlPart: '/configmaps' } });
    expect(await get(maps)).toMatchObject({ status, body: { reason } });
  }
  await cluster.server.inject({ kind: 'delay', delayMs: 200, times: 1 });
  const start = performance.now();
  expect((await get(maps)).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(190);
  const back = cluster.server.inject({ kind: 'restart', downMs: 100 });
  await expect(get(maps)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
  await back;
  expect((await get(maps)).status).toBe(200);
});

test('dropped watches end without a last event, and a restart keeps objects, port and history', async () => {
  const revision = cluster.store.revision();
  const watch = await open(cluster.server, { method: 'GET', path: `${maps}?watch=1` });
  const broken = new Promise<string>((resolve) => watch.once('error', (error: Error) => resolve(error.message)));
  watch.resume();
  await cluster.server.inject({ kind: 'drop-watches' });
  expect(await broken).toBe('aborted');
  cluster.store.create('configmaps', configMap('a'));
  await cluster.server.inject({ kind: 'restart', downMs: 0 });
  expect((await get(`${maps}?watch=1&timeoutSeconds=1&resourceVersion=${revision}`)).body).toMatchObject([
    { type: 'ADDED', object: { metadata: { name: 'a' } } },
  ]);
});

test('a hundred objects come in one list, by name, at one resourceVersion', async () => {
  for (let index = 0; index < 100; index += 1) cluster.store.create('configmaps', configMap(`m${index}`));
  const { body } = await get(maps);
  const names = (body.items as { metadata: { name: string } }[]).map((item) => item.metadata.name);
  const expected = Array.from({ length: 100 }, (_, index) => `m${index}`).sort();
  expect(names.filter((name) => /^m\d+$/.test(name))).toEqual(expected);
  expect(body.metadata).toEqual({ resourceVersion: String(cluster.store.revision()) });
});
