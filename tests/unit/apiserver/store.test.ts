import { expect, test } from '@playwright/test';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import type { ObjectStore } from '../../../embedded/apiserver/object-store.ts';
import { StatusError } from '../../../embedded/apiserver/store.ts';
import type { StoreEvent } from '../../../embedded/apiserver/store.ts';
import { configMap, gadget, gadgetName, gadgets, thrownBy } from './gadgets.ts';

let store: ObjectStore;

test.beforeEach(() => {
  store = createObjectStore({ customResources: [gadgets], admission: [] });
});

test.afterEach(() => store.close());

const ref = { resource: gadgetName, namespace: 'default', name: 'one' };

test('every write takes the next resourceVersion of the one counter, reads take none', () => {
  const first = store.create('configmaps', configMap('one'));
  store.get({ resource: 'configmaps', namespace: 'default', name: 'one' });
  const second = store.create(gadgetName, gadget('one'));
  expect(Number(second.metadata.resourceVersion)).toBe(Number(first.metadata.resourceVersion) + 1);
});

test("what comes out of the store cannot be changed, what went in stays the caller's", () => {
  const given = gadget('one');
  const stored = store.create(gadgetName, given);
  expect(() => ((stored.spec as { size: string }).size = '2')).toThrow(TypeError);
  (given['spec'] as { size: string }).size = '3';
  expect((store.get(ref)?.spec as { size: string }).size).toBe('1');
});

test('an update from a stale resourceVersion conflicts and changes nothing', () => {
  const stale = store.create(gadgetName, gadget('one'));
  store.mutate(ref, (draft) => (draft.spec = { ...draft.spec, size: '2' }));
  const error = thrownBy(() => store.update(gadgetName, { ...stale, spec: { size: '3' } }));
  expect(error).toMatchObject({
    code: 409,
    reason: 'Conflict',
    details: { name: 'one', group: 'example.com', kind: 'gadgets' },
  });
  expect((store.get(ref)?.spec as { size: string }).size).toBe('2');
});

test('generation counts changes of the spec, not of metadata and status', () => {
  store.create(gadgetName, gadget('one'));
  store.mutate(ref, (draft) => (draft.metadata.labels = { a: 'b' }));
  store.mutate(ref, (draft) => (draft.status = { state: 'x' }), { subresource: 'status' });
  expect(store.get(ref)?.metadata.generation).toBe(1);
  store.mutate(ref, (draft) => (draft.spec = { ...draft.spec, size: '2' }));
  expect(store.get(ref)?.metadata.generation).toBe(2);
});

test('status changes only through its subresource, and spec only without it', () => {
  store.create(gadgetName, { ...gadget('one'), status: { state: 'smuggled' } });
  expect(store.get(ref)?.status).toBeUndefined();
  store.mutate(ref, (draft) => (draft.status = { state: 'ignored' }));
  expect(store.get(ref)?.status).toBeUndefined();
  store.mutate(
    ref,
    (draft) => {
      draft.status = { state: 'ready' };
      draft.spec = { size: '9' };
    },
    { subresource: 'status' },
  );
  expect(store.get(ref)).toMatchObject({ status: { state: 'ready' }, spec: { size: '1' } });
});

test('a write that changes nothing makes no new version and no event', () => {
  const before = store.create(gadgetName, gadget('one'));
  const events: StoreEvent[] = [];
  store.watch(gadgetName, (event) => events.push(event));
  const after = store.mutate(ref, (draft) => (draft.spec = { ...draft.spec }));
  expect(after?.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  expect(events).toEqual([]);
});

test('an object with finalizers is marked, cannot gain new ones, and goes with the last one', () => {
  store.create(gadgetName, {
    ...gadget('one'),
    metadata: { name: 'one', namespace: 'default', finalizers: ['example.com/a', 'example.com/b'] },
  });
  const types: string[] = [];
  store.watch(gadgetName, ({ type }) => types.push(type));
  store.delete(ref);
  expect(store.get(ref)?.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, generation: 2 });
  const refused = thrownBy(() => store.mutate(ref, (draft) => draft.metadata.finalizers?.push('example.com/c')));
  expect((refused as StatusError).message).toContain(
    'no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/c"}',
  );
  store.mutate(ref, (draft) => (draft.metadata.finalizers = ['example.com/b']));
  store.mutate(ref, (draft) => delete draft.metadata.finalizers);
  expect(store.get(ref)).toBeUndefined();
  expect(types).toEqual(['MODIFIED', 'MODIFIED', 'DELETED']);
});

test('deleting what is gone is no error, and mutating it says undefined', () => {
  expect(() => store.delete(ref)).not.toThrow();
  expect(store.mutate(ref, () => undefined)).toBeUndefined();
});

test('admission mutates before defaults are final, validates last, and sees no status writes', () => {
  const seen: string[] = [];
  store.addAdmission({
    mutate: ({ resource, operation, object }) => {
      seen.push(`mutate ${operation} ${resource}`);
      if (operation === 'CREATE') object.metadata.labels = { touched: 'yes' };
    },
    validate: ({ operation, object }) => {
      seen.push(`validate ${operation}`);
      if (object.metadata.name === 'refused')
        throw new StatusError(422, 'Invalid', 'admission webhook "x" denied the request: no');
    },
  });
  expect(store.create(gadgetName, gadget('one')).metadata.labels).toEqual({ touched: 'yes' });
  store.mutate(ref, (draft) => (draft.status = { state: 'ready' }), { subresource: 'status' });
  expect(seen).toEqual([`mutate CREATE ${gadgetName}`, 'validate CREATE']);
  expect(thrownBy(() => store.create(gadgetName, gadget('refused')))).toMatchObject({ code: 422 });
  expect(store.get({ ...ref, name: 'refused' })).toBeUndefined();
});

test("custom resources are pruned, defaulted and validated by their schema, in the API server's words", () => {
  const created = store.create(gadgetName, gadget('one', { size: '1', unknown: true }));
  expect(created.spec).toEqual({ size: '1', engine: 'v1' });
  const error = thrownBy(() =>
    store.create(gadgetName, gadget('two', { size: 'x', engine: 'v3', count: 0, labels: { a: 1 } })),
  );
  expect(error).toMatchObject({
    code: 422,
    reason: 'Invalid',
    details: { name: 'two', group: 'example.com', kind: 'Gadget' },
  });
  expect((error as StatusError).details?.causes).toEqual([
    {
      reason: 'FieldValueInvalid',
      field: 'spec.size',
      message: 'Invalid value: "x": spec.size in body should match \'^[0-9]+$\'',
    },
    {
      reason: 'FieldValueNotSupported',
      field: 'spec.engine',
      message: 'Unsupported value: "v3": supported values: "v1", "v2"',
    },
    {
      reason: 'FieldValueInvalid',
      field: 'spec.count',
      message: 'Invalid value: 0: spec.count in body should be greater than or equal to 1',
    },
    {
      reason: 'FieldValueTypeInvalid',
      field: 'spec.labels.a',
      message: 'Invalid value: "integer": spec.labels.a in body must be of type string: "integer"',
    },
    {
      reason: 'FieldValueInvalid',
      field: '<nil>',
      message: expect.stringContaining('some validation rules were not checked because the object was invalid'),
    },
  ]);
  expect((thrownBy(() => store.create(gadgetName, gadget('three', {}))) as StatusError).message).toContain(
    'Gadget.example.com "three" is invalid: [spec.size: Required value, <nil>: ',
  );
});

test('a field that a transition rule fixes cannot be changed', () => {
  store.create(gadgetName, gadget('one', { size: '1', image: 'a' }));
  const error = thrownBy(() => store.mutate(ref, (draft) => (draft.spec = { ...draft.spec, image: 'b' })));
  expect(error).toMatchObject({
    code: 422,
    message: 'Gadget.example.com "one" is invalid: spec.image: Invalid value: "b": image is immutable',
  });
});

test('a listener that writes sees its own write after the event that made it write', () => {
  const seen: string[] = [];
  store.watch('configmaps', ({ type, object }) => {
    seen.push(`first ${type} ${object.metadata.name}`);
    if (object.metadata.name === 'one') store.create('configmaps', configMap('two'));
  });
  store.watch('configmaps', ({ type, object }) => seen.push(`second ${type} ${object.metadata.name}`));
  store.create('configmaps', configMap('one'));
  expect(seen).toEqual(['first ADDED one', 'second ADDED one', 'first ADDED two', 'second ADDED two']);
});

test('the same random numbers give the same uids and generated names', () => {
  const make = (): string[] => {
    let state = 1;
    const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
    const seeded = createObjectStore({ customResources: [], admission: [], random });
    const { metadata } = seeded.create('configmaps', {
      ...configMap(''),
      metadata: { generateName: 'a-', namespace: 'default' },
    });
    seeded.close();
    return [metadata.uid, metadata.name];
  };
  expect(make()).toEqual(make());
  expect(make()[1]).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

test('names, labels and owners are checked as Kubernetes checks them', () => {
  expect((thrownBy(() => store.create('configmaps', configMap('Bad_Name'))) as StatusError).message).toContain(
    'ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of',
  );
  expect(thrownBy(() => store.create('configmaps', configMap('one', { labels: { a: 'b c' } })))).toMatchObject({
    code: 422,
  });
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '' };
  expect(
    (thrownBy(() => store.create('configmaps', configMap('one', { ownerReferences: [owner] }))) as StatusError).message,
  ).toContain('metadata.ownerReferences.uid: Invalid value: "": must not be empty');
});
