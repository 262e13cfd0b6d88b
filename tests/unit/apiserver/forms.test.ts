/** In which form an object is answered: Tables, metadata only, media types; by apiserver v0.36.2, handlers/response.go. */
import { expect, test } from '@playwright/test';
import { tableText } from '../../../embedded/apiserver/http/represent.ts';
import type { KubeObject } from '../../../embedded/apiserver/store.ts';
import { send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';
import { configMap, gadget, gadgetName, gadgets } from './gadgets.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const gadgetsPath = '/apis/example.com/v1/namespaces/default/gadgets';
const as = (kind: string, version = 'v1'): string => `application/json;as=${kind};v=${version};g=meta.k8s.io`;

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster({ customResources: [gadgets] });
  cluster.store.create('configmaps', configMap('one'));
  cluster.store.create(gadgetName, gadget('one'));
});

test.afterAll(() => cluster.close());

const get = (path: string, accept: string): Promise<Answer> => send(cluster.server, { method: 'GET', path, accept });

const refused: readonly (readonly [what: string, path: string, accept: string, message: string])[] = [
  [
    'a built-in kind in HTML',
    `${maps}/one`,
    'text/html',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  ],
  [
    'built-in kinds in HTML',
    maps,
    'text/html',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  ],
  [
    'a Table of a version to come',
    `${maps}/one`,
    as('Table', 'v9'),
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  ],
  [
    'a list as the metadata of one object',
    maps,
    as('PartialObjectMetadata'),
    'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
  ],
  [
    'an object as a list of metadata',
    `${maps}/one`,
    as('PartialObjectMetadataList'),
    'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
  ],
];

for (const [what, path, accept, message] of refused) {
  test(`not acceptable: ${what}`, async () => {
    expect(await get(path, accept)).toMatchObject({ status: 406, body: { reason: 'NotAcceptable', message } });
  });
}

test('a watch in YAML is refused, in YAML, and a custom object as a list of metadata is an error', async () => {
  const watched = await get(`${gadgetsPath}?watch=yes`, 'application/yaml');
  expect({ status: watched.status, contentType: watched.contentType }).toEqual({
    status: 406,
    contentType: 'application/yaml',
  });
  expect(watched.text).toMatch(/only the following media types are accepted:\s+application\/json;stream=watch/);
  expect((await get(`${gadgetsPath}/one`, as('PartialObjectMetadataList'))).body).toMatchObject({
    code: 500,
    message: 'content is not a list',
  });
});

test('what a client likes best is taken, whatever stands first', async () => {
  expect((await get(`${maps}/one`, 'application/json;q=0.5, application/yaml')).contentType).toBe('application/yaml');
  expect((await get(`${maps}/one`, `${as('Table', 'v9')}, application/json`)).body.kind).toBe('ConfigMap');
});

test('rows of a Table carry metadata, the object or nothing', async () => {
  const rowWith = async (include: string): Promise<unknown> =>
    ((await get(`${maps}/one?includeObject=${include}`, as('Table'))).body as { rows: { object: unknown }[] }).rows[0]
      ?.object;
  expect(await rowWith('')).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'one' } });
  expect(await rowWith('Object')).toMatchObject({ kind: 'ConfigMap', data: {} });
  expect(await rowWith('None')).toBeNull();
  expect(await get(`${maps}/one?includeObject=All`, as('Table'))).toMatchObject({
    status: 400,
    body: {
      message: `Unable to convert to Table as requested: includeObject: Invalid value: "All": must be 'Metadata', 'Object', 'None', or empty`,
    },
  });
});

test('a watch of Tables sends the headers once', async () => {
  cluster.store.create('configmaps', configMap('two'));
  const { body } = await get(`${maps}?watch=1&timeoutSeconds=1`, as('Table'));
  const columns = (body as { object: { columnDefinitions: unknown[] | null } }[]).map(
    ({ object }) => object.columnDefinitions?.length ?? null,
  );
  expect(columns).toEqual([3, null, null]);
});

test('deleting a collection answers with what it was before', async () => {
  for (const name of ['a', 'b'])
    cluster.store.create('configmaps', configMap(name, { labels: { run: 'x' }, finalizers: ['example.com/hold'] }));
  const answer = await send(cluster.server, { method: 'DELETE', path: `${maps}?labelSelector=run%3Dx` });
  const items = answer.body.items as { metadata: Record<string, unknown> }[];
  expect(items.map(({ metadata }) => [metadata['name'], metadata['deletionTimestamp']])).toEqual([
    ['a', undefined],
    ['b', undefined],
  ]);
  expect((await get(`${maps}/a`, '*/*')).body.metadata.deletionTimestamp).toBeDefined();
});

test('who creates an object owns its fields, and is who an apply conflicts with', async () => {
  const created = await send(cluster.server, {
    method: 'POST',
    path: maps,
    body: configMap('owned', { labels: { a: '1' } }),
  });
  expect(created.body.metadata.managedFields).toMatchObject([
    {
      manager: 'unknown',
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { '.': {}, 'f:k': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } },
    },
  ]);
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owned', labels: { a: '2' } },
    data: { k: 'other' },
  };
  const call = {
    method: 'PATCH',
    path: `${maps}/owned?fieldManager=me`,
    contentType: 'application/apply-patch+yaml',
    body,
  };
  const refusal = await send(cluster.server, call);
  expect(refusal).toMatchObject({
    status: 409,
    body: {
      reason: 'Conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "unknown" using v1', field: '.data.k' }, {}],
      },
    },
  });
  expect(refusal.body.message).toBe(
    'Apply failed with 2 conflicts: conflicts with "unknown" using v1:\n- .data.k\n- .metadata.labels.a',
  );
  expect((await send(cluster.server, { ...call, path: `${call.path}&force=true` })).body.data).toEqual({ k: 'other' });
});

test('an apply that wants what is there conflicts with nobody, whatever else is in the same item', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const labels = { app: 'd' };
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  };
  expect((await send(cluster.server, { method: 'POST', path, body })).status).toBe(201);
  const applying = (image: string): Promise<Answer> => {
    const configuration = {
      ...body,
      spec: { ...body.spec, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } } },
    };
    return send(cluster.server, {
      method: 'PATCH',
      path: `${path}/d?fieldManager=me`,
      contentType: 'application/apply-patch+yaml',
      body: configuration,
    });
  };
  expect((await applying('i')).status).toBe(200);
  expect((await applying('j')).body.message).toBe(
    'Apply failed with 1 conflict: conflict with "unknown" using apps/v1: .spec.template.spec.containers[name="c"].image',
  );
});

test('a bookmark, which has nothing but a resourceVersion, can be a row of every kind', () => {
  const format = { form: 'table', media: 'application/json', metaVersion: 'v1', includeObject: 'Metadata' } as const;
  for (const type of cluster.store.registry.all().filter(({ verbs }) => verbs.includes('watch'))) {
    const bookmark = { apiVersion: 'v1', kind: type.kind, metadata: { resourceVersion: '7' } } as KubeObject;
    const table = JSON.parse(tableText(type, bookmark, format, 'rows only')) as { rows: { object: unknown }[] };
    expect(table.rows[0]?.object, type.kind).toMatchObject({ metadata: { resourceVersion: '7' } });
  }
});
