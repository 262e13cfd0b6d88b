import { expect, test } from '@playwright/test';
import { createObjectStore } from '../../../embedded/apiserver/object-store.ts';
import type { ObjectStore } from '../../../embedded/apiserver/object-store.ts';
import type { KubeObject, ObjectRef, OwnerReference } from '../../../embedded/apiserver/store.ts';
import { send, startCluster } from './client.ts';
import { addPod } from './fake-pods.ts';
import { configMap, thrownBy } from './gadgets.ts';

let store: ObjectStore;

test.beforeEach(() => {
  store = createObjectStore({ customResources: [], admission: [] });
});

test.afterEach(() => store.close());

const ref = (name: string): ObjectRef => ({ resource: 'configmaps', namespace: 'default', name });

function ownedBy(owner: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference[] {
  return [
    { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, ...more },
  ];
}

/** Resolves when the store tells of a deletion. */
function deleted(resource: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.watch(resource, ({ type, object }) => {
      if (type !== 'DELETED' || object.metadata.name !== name) return;
      stop();
      resolve();
    });
  });
}

/** Resolves when the store tells of an object of that name. */
function added(resource: string, namespace: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.watch(resource, ({ type, object }) => {
      if (type !== 'ADDED' || object.metadata.name !== name || object.metadata.namespace !== namespace) return;
      stop();
      resolve();
    });
  });
}

test('a new namespace admits pods only once its default service account is there, which comes a moment later and again', async () => {
  const pod = (name: string): KubeObject =>
    store.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'young' },
      spec: { containers: [{ name: 'one', image: 'one' }] },
    });
  const account = added('serviceaccounts', 'young', 'default');
  store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'young' } });
  expect(thrownBy(() => pod('early'))).toHaveProperty(
    'message',
    'pods "early" is forbidden: error looking up service account young/default: serviceaccount "default" not found',
  );
  await account;
  expect(pod('later').spec.serviceAccountName).toBe('default');

  const again = added('serviceaccounts', 'young', 'default');
  store.delete({ resource: 'serviceaccounts', namespace: 'young', name: 'default' });
  await again;
});

test('what an object owns goes after it, down to the last generation', async () => {
  const root = store.create('configmaps', configMap('root'));
  const middle = store.create('configmaps', configMap('middle', { ownerReferences: ownedBy(root) }));
  store.create('configmaps', configMap('leaf', { ownerReferences: ownedBy(middle) }));
  const gone = deleted('configmaps', 'leaf');
  store.delete(ref('root'));
  expect(store.get(ref('middle'))).toBeDefined();
  await gone;
  expect(store.get(ref('middle'))).toBeUndefined();
});

test('an object with a second owner stays and loses the reference to the first', async () => {
  const first = store.create('configmaps', configMap('first'));
  const second = store.create('configmaps', configMap('second'));
  store.create('configmaps', configMap('child', { ownerReferences: [...ownedBy(first), ...ownedBy(second)] }));
  const changed = new Promise<void>((resolve) => {
    store.watch('configmaps', ({ type, object }) => {
      if (type === 'MODIFIED' && object.metadata.name === 'child') resolve();
    });
  });
  store.delete(ref('first'));
  await changed;
  expect(store.get(ref('child'))?.metadata.ownerReferences).toEqual(ownedBy(second));
});

test('an object that names an owner which never was is collected', async () => {
  const gone = deleted('configmaps', 'stray');
  store.create(
    'configmaps',
    configMap('stray', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'no-such-uid' }] }),
  );
  await gone;
});

test('foreground deletion keeps the owner until its blocking dependents are gone', async () => {
  const type = store.registry.stored('configmaps');
  if (type === undefined) throw new Error('configmaps are not served');
  const owner = store.create('configmaps', configMap('owner'));
  store.create(
    'configmaps',
    configMap('held', {
      ownerReferences: ownedBy(owner, { blockOwnerDeletion: true }),
      finalizers: ['example.com/hold'],
    }),
  );
  const marked = new Promise<void>((resolve) => {
    store.watch('configmaps', ({ object }) => {
      if (object.metadata.name === 'held' && object.metadata.deletionTimestamp !== undefined) resolve();
    });
  });
  const result = store.deleteAs(type, { namespace: 'default', name: 'owner' }, { propagationPolicy: 'Foreground' });
  expect(result).toMatchObject({
    outcome: 'terminating',
    object: { metadata: { finalizers: ['foregroundDeletion'] } },
  });
  await marked;
  expect(store.get(ref('owner'))).toBeDefined();
  const gone = deleted('configmaps', 'owner');
  store.mutate(ref('held'), (draft) => delete draft.metadata.finalizers);
  await gone;
});

test('orphaning deletion leaves the dependents without owner', async () => {
  const type = store.registry.stored('configmaps');
  if (type === undefined) throw new Error('configmaps are not served');
  const owner = store.create('configmaps', configMap('owner'));
  store.create('configmaps', configMap('child', { ownerReferences: ownedBy(owner) }));
  const gone = deleted('configmaps', 'owner');
  store.deleteAs(type, { namespace: 'default', name: 'owner' }, { propagationPolicy: 'Orphan' });
  await gone;
  expect(store.get(ref('child'))?.metadata.ownerReferences).toBeUndefined();
});

test('a namespace is Terminating until its last object is gone, and accepts nothing new meanwhile', async () => {
  store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } });
  store.create('configmaps', configMap('held', { namespace: 'doomed', finalizers: ['example.com/hold'] }));
  store.create('secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'free', namespace: 'doomed' } });
  const secretGone = deleted('secrets', 'free');
  store.delete({ resource: 'namespaces', name: 'doomed' });
  expect(store.get({ resource: 'namespaces', name: 'doomed' })?.status).toEqual({ phase: 'Terminating' });
  await secretGone;
  const refused = thrownBy(() => store.create('configmaps', configMap('late', { namespace: 'doomed' })));
  expect(refused).toMatchObject({
    code: 403,
    message:
      'configmaps "late" is forbidden: unable to create new content in namespace doomed because it is being terminated',
    details: { causes: [{ reason: 'NamespaceTerminating' }] },
  });
  const gone = deleted('namespaces', 'doomed');
  store.mutate(
    { resource: 'configmaps', namespace: 'doomed', name: 'held' },
    (draft) => delete draft.metadata.finalizers,
  );
  await gone;
  expect(store.list('configmaps', { namespace: 'doomed' })).toEqual([]);
});

test('a pod on a node ends gracefully: marked first, gone when the kubelet deletes it with no time left', () => {
  addPod(store, 'p');
  store.mutate({ resource: 'pods', namespace: 'default', name: 'p' }, (draft) => (draft.metadata.labels = { a: 'b' }));
  const pod = { resource: 'pods', namespace: 'default', name: 'p' };
  store.delete(pod, { gracePeriodSeconds: 20 });
  expect(store.get(pod)?.metadata.deletionGracePeriodSeconds).toBe(20);
  store.delete(pod, { gracePeriodSeconds: 30 });
  expect(store.get(pod)?.metadata.deletionGracePeriodSeconds).toBe(20);
  store.delete(pod, { gracePeriodSeconds: 0 });
  expect(store.get(pod)).toBeUndefined();
});

test('a CustomResourceDefinition that a client creates is served at once and takes its objects with it', async () => {
  const cluster = await startCluster();
  try {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } },
              },
            },
          },
        ],
      },
    };
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const widgets = '/apis/example.com/v1/namespaces/default/widgets';
    expect((await send(cluster.server, { method: 'GET', path: widgets })).text).toBe('404 page not found\n');
    expect((await send(cluster.server, { method: 'POST', path: definitions, body: definition })).status).toBe(201);
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { a: 'b', c: 'd' } };
    const created = await send(cluster.server, { method: 'POST', path: widgets, body: widget });
    expect(created).toMatchObject({ status: 201, body: { spec: { a: 'b' } } });
    expect(created.headers['warning']).toBe('299 - "unknown field \\"spec.c\\""');
    const established = await send(cluster.server, { method: 'GET', path: `${definitions}/widgets.example.com` });
    expect(established.body).toMatchObject({
      status: { conditions: [{ type: 'NamesAccepted' }, { type: 'Established', status: 'True' }] },
    });
    expect((await send(cluster.server, { method: 'DELETE', path: `${definitions}/widgets.example.com` })).status).toBe(
      200,
    );
    expect((await send(cluster.server, { method: 'GET', path: widgets })).status).toBe(404);
  } finally {
    await cluster.close();
  }
});

test('an APIService that somebody made stays when definitions change', async () => {
  const name = 'v1beta1.metrics.k8s.io';
  const services = 'apiservices.apiregistration.k8s.io';
  store.create(services, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: { group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 },
  });
  const registered = new Promise<void>((resolve) => {
    store.watch(services, ({ type, object }) => {
      if (type === 'ADDED' && object.metadata.name === 'v1.example.com') resolve();
    });
  });
  store.create('customresourcedefinitions.apiextensions.k8s.io', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  await registered;
  // What follows a definition is registered and forgotten in one turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(store.get({ resource: services, name })).toBeDefined();
});
