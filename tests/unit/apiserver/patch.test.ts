import { expect, test } from '@playwright/test';
import { applyConfiguration, trackCreate, trackUpdate } from '../../../embedded/apiserver/patch/apply.ts';
import { jsonPatch } from '../../../embedded/apiserver/patch/json.ts';
import { mergePatch } from '../../../embedded/apiserver/patch/merge.ts';
import { strategicPatch } from '../../../embedded/apiserver/patch/strategic.ts';
import { createResourceRegistry } from '../../../embedded/apiserver/resources/registry.ts';
import type { ResourceType } from '../../../embedded/apiserver/resources/type.ts';
import type { KubeObject, StatusError } from '../../../embedded/apiserver/store.ts';
import { thrownBy } from './gadgets.ts';

const pod = {
  spec: {
    containers: [
      { name: 'a', image: 'one', env: [{ name: 'X', value: '1' }], ports: [{ containerPort: 80 }] },
      { name: 'b', image: 'two' },
    ],
    tolerations: [{ key: 'k' }],
  },
};

test('a merge patch replaces lists and removes what is null', () => {
  expect(mergePatch({ a: 1, b: { c: [1, 2], d: 3 } }, { a: null, b: { c: [3] } })).toEqual({ b: { c: [3], d: 3 } });
  expect(mergePatch({}, { a: [{ b: null, c: 1 }, null] })).toEqual({ a: [{ c: 1 }, null] });
});

test('a strategic patch merges keyed lists element by element', () => {
  const patched = strategicPatch(pod, {
    spec: {
      containers: [
        { name: 'b', image: 'three' },
        { name: 'c', image: 'four' },
      ],
    },
  }) as typeof pod;
  expect(patched.spec.containers.map(({ name, image }) => [name, image])).toEqual([
    ['a', 'one'],
    ['b', 'three'],
    ['c', 'four'],
  ]);
  expect(pod.spec.containers[1]?.image).toBe('two');
});

test('a strategic patch replaces lists without a merge key', () => {
  expect(strategicPatch(pod, { spec: { tolerations: [{ key: 'other' }] } })).toMatchObject({
    spec: { tolerations: [{ key: 'other' }] },
  });
});

test('the directives of a strategic patch delete, replace and order', () => {
  const deleted = strategicPatch(pod, { spec: { containers: [{ name: 'a', $patch: 'delete' }] } }) as typeof pod;
  expect(deleted.spec.containers.map(({ name }) => name)).toEqual(['b']);
  const replaced = strategicPatch(pod, { spec: { containers: [{ name: 'z' }, { $patch: 'replace' }] } }) as typeof pod;
  expect(replaced.spec.containers).toEqual([{ name: 'z' }]);
  const order = [{ name: 'b' }, { name: 'a' }];
  const ordered = strategicPatch(pod, {
    spec: { '$setElementOrder/containers': order, containers: [{ name: 'b', image: 'x' }] },
  }) as typeof pod;
  expect(ordered.spec.containers.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(
    strategicPatch(
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
    ),
  ).toEqual({ metadata: { finalizers: ['b'] } });
  expect(strategicPatch({ metadata: { finalizers: ['a'] } }, { metadata: { finalizers: ['b'] } })).toEqual({
    metadata: { finalizers: ['a', 'b'] },
  });
});

test('an element without its merge key is refused', () => {
  const words = 'map: map[image:x] does not contain declared merge key: name';
  expect(thrownBy(() => strategicPatch(pod, { spec: { containers: [{ image: 'x' }] } }))).toMatchObject({
    code: 500,
    message: words,
  });
});

test('a JSON patch is all or nothing, and a failed test is 422 without a reason, as the server words it', () => {
  expect(
    jsonPatch({ a: { b: 1 } }, [
      { op: 'add', path: '/a/c', value: 2 },
      { op: 'remove', path: '/a/b' },
    ]),
  ).toEqual({ a: { c: 2 } });
  const error = thrownBy(() => jsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }]));
  expect(error).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
  });
});

const configMaps = createResourceRegistry([]).served('', 'v1', 'configmaps') as ResourceType;
const applied = (data: Record<string, string>): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default' },
    data,
  }) as unknown as KubeObject;
const as = (manager: string, force = false) => ({
  type: configMaps,
  manager,
  force,
  timestamp: '2026-01-01T00:00:00Z',
  subresource: undefined,
});

test('applying again without a field removes it, unless someone else owns it too', () => {
  const first = applyConfiguration(undefined, applied({ a: '1', b: '2' }), as('one'));
  const shared = applyConfiguration(first, applied({ b: '2' }), as('two'));
  const second = applyConfiguration(shared, applied({}), as('one'));
  expect(second['data']).toEqual({ b: '2' });
});

test('a field that another manager set otherwise is a conflict that names both, until it is forced', () => {
  const first = applyConfiguration(undefined, applied({ a: '1' }), as('one'));
  const error = thrownBy(() => applyConfiguration(first, applied({ a: '2' }), as('two'))) as StatusError;
  expect(error).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
  });
  expect(error.details?.causes).toEqual([
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
  ]);
  const forced = applyConfiguration(first, applied({ a: '2' }), as('two', true));
  expect(forced['data']).toEqual({ a: '2' });
  // The loser no longer owns it, so it cannot remove it either.
  expect(applyConfiguration(forced, applied({}), as('one'))['data']).toEqual({ a: '2' });
});

test('who creates an object owns its fields by their shape: items by their keys, selectors as a whole, no structure that is always there', () => {
  const deployments = createResourceRegistry([]).served('apps', 'v1', 'deployments') as ResourceType;
  const container = { name: 'c', ports: [{ containerPort: 80 }] };
  const made = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', labels: { a: 'b' } },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
    },
  } as unknown as KubeObject;
  trackCreate(made, {
    type: deployments,
    manager: 'kubectl-create',
    timestamp: '2026-01-01T00:00:00Z',
    subresource: undefined,
  });
  const labels = { 'f:labels': { '.': {}, 'f:a': {} } };
  const port = { '.': {}, 'f:containerPort': {} };
  const item = { '.': {}, 'f:name': {}, 'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': port } };
  expect((made.metadata as unknown as { managedFields: unknown[] }).managedFields).toEqual([
    {
      manager: 'kubectl-create',
      operation: 'Update',
      apiVersion: 'apps/v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': labels,
        'f:spec': {
          'f:selector': {},
          'f:template': { 'f:metadata': labels, 'f:spec': { 'f:containers': { 'k:{"name":"c"}': item } } },
        },
      },
    },
  ]);
});

test('a plain write takes over the fields that it changes', () => {
  const first = applyConfiguration(undefined, applied({ a: '1', b: '1' }), as('one'));
  const next = structuredClone(first);
  next['data'] = { a: '2', b: '1' };
  trackUpdate(first, next, {
    type: configMaps,
    manager: 'kubectl-edit',
    timestamp: '2026-01-01T00:00:00Z',
    subresource: undefined,
  });
  const error = thrownBy(() => applyConfiguration(next, applied({ a: '1', b: '1' }), as('one'))) as StatusError;
  expect(error.message).toBe('Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.a');
});
