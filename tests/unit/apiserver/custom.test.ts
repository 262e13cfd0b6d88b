/** Custom resources against their definition, in the words of apiextensions-apiserver v0.36.2 and kube-openapi. */
import { expect, test } from '@playwright/test';
import { send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const merge = 'application/merge-patch+json';

const integer = { type: 'integer' };
const text = { type: 'string' };
const spec = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { ...integer, minimum: 1, maximum: 10 },
    mode: { ...text, enum: ['a', 'b'] },
    name: { ...text, minLength: 2, maxLength: 5, pattern: '^[a-z]+$' },
    tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      items: { type: 'object', properties: { number: integer } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['number'],
    },
    counts: { type: 'object', additionalProperties: integer, minProperties: 1, maxProperties: 2 },
    half: { type: 'number', multipleOf: 0.5, minimum: 0, exclusiveMinimum: true },
    when: { ...text, format: 'date-time' },
    bytes: { ...integer, format: 'int64' },
    replicas: integer,
  },
};

function definition(kind: string, properties: object): object {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          selectableFields: [{ jsonPath: '.spec.mode' }],
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                ...properties,
                status: { type: 'object', properties: { replicas: integer, selector: text } },
              },
            },
          },
        },
      ],
    },
  };
}

let cluster: Cluster;

const ask = (method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> =>
  send(cluster.server, { method, path, contentType, ...(body === undefined ? {} : { body }) });
const widget = (name: string, more: object): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec: { size: 1, ...more },
});

test.beforeAll(async () => {
  cluster = await startCluster();
  const created = await ask('POST', definitions, definition('Widget', { spec }));
  expect(created.body.status).toEqual({
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: ['v1'],
  });
  const fixed = {
    ...spec,
    properties: {
      ...spec.properties,
      fixed: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is fixed' }] },
    },
  };
  await ask('POST', definitions, definition('Ruled', { spec: fixed }));
});

test.afterAll(() => cluster.close());

const complaints: readonly (readonly [what: string, spec: object, ...errors: string[]])[] = [
  [
    'a value of another type, that is none of the enumerated ones either',
    { mode: 5 },
    'spec.mode: Invalid value: "integer": spec.mode in body must be of type string: "integer"',
    'spec.mode: Unsupported value: 5: supported values: "a", "b"',
  ],
  [
    'the first thing wrong with a text',
    { name: 'A' },
    'spec.name: Invalid value: "A": spec.name in body should be at least 2 chars long',
  ],
  [
    'a fraction of an int64',
    { bytes: 1.5 },
    'spec.bytes: Invalid value: "float64": spec.bytes in body must be of type int64: "float64"',
    '<nil>: Invalid value: "": Checked value must be of type integer with format int64 in spec.bytes',
  ],
  [
    'a text for an int64',
    { bytes: 'x' },
    'spec.bytes: Invalid value: "string": spec.bytes in body must be of type integer: "string"',
  ],
  [
    'a time that is none',
    { when: 'x' },
    'spec.when: Invalid value: "x": spec.when in body must be of type date-time: "x"',
  ],
  ['an odd number', { half: 0.3 }, 'spec.half: Invalid value: 0.3: spec.half in body should be a multiple of 0.5'],
  [
    'a bound that is excluded',
    { half: 0 },
    'spec.half: Invalid value: 0: factor MultipleOf declared for spec.half must be positive: 0',
    'spec.half: Invalid value: 0: spec.half in body should be greater than 0',
  ],
  ['a set with an element twice', { tags: ['a', 'a'] }, 'spec.tags[1]: Duplicate value: "a"'],
  ['a map with a key twice', { ports: [{ number: 1 }, { number: 1 }] }, 'spec.ports[1]: Duplicate value: {"number":1}'],
  ['too many properties', { counts: { a: 1, b: 2, c: 3 } }, 'spec.counts: Too many: 3: must have at most 2 items'],
  [
    'too few properties',
    { counts: {} },
    'spec.counts: Invalid value: 0: spec.counts in body should have at least 1 properties',
  ],
  [
    'what is missing after what is wrong',
    { size: undefined, mode: 'z' },
    'spec.mode: Unsupported value: "z": supported values: "a", "b"',
    'spec.size: Required value',
  ],
];

for (const [what, more, ...errors] of complaints) {
  test(`refused by its schema: ${what}`, async () => {
    const { status, body } = await ask('POST', widgets, widget('x', more));
    const listed = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
    expect({ status, message: body.message as string }).toEqual({
      status: 422,
      message: `Widget.example.com "x" is invalid: ${listed}`,
    });
  });
}

test('a format that a text does not have is a wrong type', async () => {
  expect((await ask('POST', widgets, widget('x', { when: 'x' }))).body.details.causes[0].reason).toBe(
    'FieldValueTypeInvalid',
  );
});

test('an object that says it is of another kind is refused as that', async () => {
  const { body } = await ask('POST', widgets, { ...widget('x', {}), kind: 'Gizmo' });
  expect(body).toMatchObject({
    code: 422,
    message: 'Gizmo.example.com "x" is invalid: kind: Invalid value: "Gizmo": must be Widget',
    details: { kind: 'Gizmo', group: 'example.com' },
  });
  await ask('POST', widgets, widget('kinds', {}));
  expect((await ask('PATCH', `${widgets}/kinds`, { apiVersion: 'v1' }, merge)).body.message).toBe(
    'Widget "kinds" is invalid: apiVersion: Invalid value: "v1": must be example.com/v1',
  );
});

test('rules are not tried on an object of another shape, and the refusal says so', async () => {
  const ruled = { apiVersion: 'example.com/v1', kind: 'Ruled', metadata: { name: 'x' }, spec: { size: 'x' } };
  expect((await ask('POST', widgets.replace('widgets', 'ruleds'), ruled)).body.message).toBe(
    'Ruled.example.com "x" is invalid: [spec.size: Invalid value: "string": spec.size in body must be of type integer: "string", ' +
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  );
});

test('custom objects are selected by the fields that their definition names', async () => {
  await ask('POST', widgets, widget('a', { mode: 'a' }));
  await ask('POST', widgets, widget('b', { mode: 'b' }));
  const { items } = (await ask('GET', `${widgets}?fieldSelector=spec.mode%3Db`)).body as {
    items: { metadata: { name: string } }[];
  };
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect((await ask('GET', `${widgets}?fieldSelector=spec.size%3D1`)).body.message).toBe(
    'field label not supported: spec.size',
  );
});

test('a custom object is scaled where its definition says', async () => {
  await ask('POST', widgets, widget('s', {}));
  const scale = `${widgets}/s/scale`;
  expect((await ask('GET', scale)).body).toMatchObject({
    code: 500,
    message: 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist',
  });
  await ask('PATCH', `${widgets}/s`, { spec: { replicas: 2 } }, merge);
  await ask('PATCH', `${widgets}/s/status`, { status: { replicas: 1, selector: 'a=b' } }, merge);
  expect((await ask('GET', scale)).body).toMatchObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { replicas: 1, selector: 'a=b' },
  });
  expect((await ask('PATCH', scale, { spec: { replicas: 3 } }, merge)).body.spec).toEqual({ replicas: 3 });
  expect((await ask('GET', `${widgets}/s`)).body).toMatchObject({ metadata: { generation: 3 }, spec: { replicas: 3 } });
  expect((await ask('PATCH', scale, { spec: { replicas: -1 } }, merge)).body.message).toBe(
    'Widget.example.com "s" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer',
  );
  const { resources } = (await ask('GET', '/apis/example.com/v1')).body as {
    resources: { name: string; group?: string; kind: string }[];
  };
  expect(resources.find(({ name }) => name === 'widgets/scale')).toMatchObject({
    kind: 'Scale',
    group: 'autoscaling',
    version: 'v1',
  });
});

test('a status that is written by itself is held to itself, in words that leave it out', async () => {
  await ask('POST', widgets, widget('status', {}));
  const { body } = await ask('PATCH', `${widgets}/status/status`, { status: { replicas: 'x' } }, merge);
  expect(body.message).toBe(
    'Widget.example.com "status" is invalid: status.replicas: Invalid value: "string": replicas in body must be of type integer: "string"',
  );
});

test('a format that a text cannot have is warned of once, and not held against values', async () => {
  const odd = definition('Odd', {
    spec: { type: 'object', properties: { size: { ...text, format: 'int64' }, more: { ...text, format: 'int64' } } },
  });
  expect((await ask('POST', definitions, odd)).headers['warning']).toBe('299 - "unrecognized format \\"int64\\""');
  const { body } = await ask('POST', widgets.replace('widgets', 'odds'), {
    apiVersion: 'example.com/v1',
    kind: 'Odd',
    metadata: { name: 'x' },
    spec: { size: {} },
  });
  expect(body.message).toBe(
    'Odd.example.com "x" is invalid: spec.size: Invalid value: "object": spec.size in body must be of type string: "object"',
  );
});

const configure = (manager: string, spec: unknown, more: object = {}): Promise<Answer> =>
  ask(
    'PATCH',
    `${widgets}/owned?fieldManager=${manager}`,
    { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'owned', ...more }, spec },
    'application/apply-patch+yaml',
  );

test('what a configuration no longer names goes, and what is emptied by that is null', async () => {
  expect((await configure('one', { size: 1, counts: { a: 1 } })).status).toBe(201);
  expect((await configure('one', { size: 1, counts: {} })).body.message).toContain(
    'spec.counts: Invalid value: "null": spec.counts in body must be of type object: "null"',
  );
  expect((await configure('one', { size: 1 })).body.spec).toEqual({ size: 1 });
  expect((await configure('two', { name: null, size: 1 })).body.message).toContain(
    'spec.name: Invalid value: "null": spec.name in body must be of type string: "null"',
  );
});

test('a configuration is looked at by types, its labels too, and in a value of another type no further', async () => {
  const refused = 'failed to create typed patch object (/owned; example.com/v1, Kind=Widget)';
  expect((await configure('one', { size: 1 }, { labels: { a: [null] } })).body).toMatchObject({
    code: 500,
    message: `${refused}: .metadata.labels.a: expected string, got &value.valueUnstructured{Value:[]interface {}{interface {}(nil)}}`,
  });
  // A text that has a format can be any scalar until the schema is asked.
  expect((await configure('one', { size: 1, when: [] })).body.message).toBe(
    `${refused}: .spec.when: expected any scalar, got &{[]}`,
  );
  expect((await configure('one', { size: 1, when: 5 })).body).toMatchObject({ code: 422, reason: 'Invalid' });
  expect((await configure('one', { size: 1, name: { a: 1 } })).body.message).toBe(
    `${refused}: .spec.name: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":1}}`,
  );
});

test('a field that may be set once keeps what it was set to', async () => {
  const once = {
    ...integer,
    'x-kubernetes-validations': [{ rule: 'oldSelf == 0 || self == oldSelf', message: 'is set' }],
  };
  await ask('POST', definitions, definition('Once', { spec: { type: 'object', properties: { bytes: once } } }));
  const onces = widgets.replace('widgets', 'onces');
  await ask('POST', onces, { apiVersion: 'example.com/v1', kind: 'Once', metadata: { name: 'x' }, spec: { bytes: 0 } });
  expect((await ask('PATCH', `${onces}/x`, { spec: { bytes: 5 } }, merge)).status).toBe(200);
  expect((await ask('PATCH', `${onces}/x`, { spec: { bytes: 6 } }, merge)).body.message).toBe(
    'Once.example.com "x" is invalid: spec.bytes: Invalid value: 6: is set',
  );
});
