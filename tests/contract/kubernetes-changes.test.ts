/** What the scenario relies on when it changes and deletes objects of a Kubernetes API. */
import { configMaps, leases, namespaces } from '../../helpers/kubernetes/core-kinds.ts';
import { Owned } from '../../helpers/kubernetes/ownership.ts';
import { waitUntilGone } from '../../helpers/longhorn/sweep.ts';
import { refusal } from './refusal.ts';
import { expect, from, test } from './target.ts';

const timeoutMs = 30_000;

test(
  'a merge patch changes and removes single fields, a JSON patch does as told, and an unchanged object keeps its version',
  from('rfc-editor.org/rfc/rfc7386', 'rfc-editor.org/rfc/rfc6902'),
  async ({ client, create, workspace }) => {
    const ref = { namespace: workspace, name: 'patched' };
    await create(configMaps, { metadata: ref, data: { a: '1', b: '2' } });
    const merged = await client.patch(configMaps, ref, { merge: { data: { a: null, c: '3' } } });
    expect(merged.data).toEqual({ b: '2', c: '3' });
    const patched = await client.patch(configMaps, ref, { json: [{ op: 'replace', path: '/data/b', value: '9' }] });
    expect(patched.data).toEqual({ b: '9', c: '3' });
    const same = await client.patch(configMaps, ref, { merge: { data: { b: '9' } } });
    expect(same.metadata.resourceVersion).toBe(patched.metadata.resourceVersion);
  },
);

test(
  'a uid in a patch is a precondition',
  from('apiserver:pkg/registry/rest/update.go@v0.36.2', 'kubernetes:pkg/controller/controller_ref_manager.go'),
  async ({ client, create, workspace }) => {
    const ref = { namespace: workspace, name: 'guarded' };
    await create(configMaps, { metadata: ref });
    const error = await refusal(
      client.patch(configMaps, ref, { merge: { metadata: { uid: '00000000-0000-0000-0000-000000000000' } } }),
    );
    expect(error).toMatchObject({ statusCode: 422, reason: 'Invalid' });
    expect(error.message).toContain(
      'metadata.uid: Invalid value: "00000000-0000-0000-0000-000000000000": field is immutable',
    );
  },
);

test(
  'a deletion with another uid is refused, and the object stays',
  from('kubernetes:staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go@v1.33.1'),
  async ({ client, create, workspace }) => {
    const ref = { namespace: workspace, name: 'spared' };
    const owned = await create(configMaps, { metadata: ref });
    const impostor = Owned.of(configMaps, { ...owned.object, metadata: { ...owned.object.metadata, uid: 'another' } });
    expect(await client.delete(impostor)).toBe('absent');
    expect((await client.get(configMaps, ref)).metadata.uid).toBe(owned.uid);
  },
);

test(
  'whoever changes or deletes what has changed since it was read is refused with 409',
  from(
    'kubernetes.io/docs/reference/using-api/api-concepts#resource-versions',
    'kubernetes.io/docs/concepts/architecture/leases',
  ),
  async ({ client, create, workspace }) => {
    const ref = { namespace: workspace, name: 'term' };
    const owned = await create(leases, { metadata: ref, spec: { holderIdentity: 'first' } });
    await client.patch(leases, ref, { merge: { spec: { holderIdentity: 'second' } } });
    const { resourceVersion } = owned.object.metadata;
    const late = { metadata: { resourceVersion }, spec: { holderIdentity: 'late' } };
    expect(await refusal(client.patch(leases, ref, { merge: late }))).toMatchObject({ statusCode: 409 });
    expect(await refusal(client.delete(owned, { unchanged: true }))).toMatchObject({ statusCode: 409 });
    expect((await client.get(leases, ref)).spec?.holderIdentity).toBe('second');
  },
);

test(
  'a finalizer holds an object, marked as terminating, until it is taken away',
  from('kubernetes.io/docs/concepts/overview/working-with-objects/finalizers'),
  async ({ client, create, workspace }) => {
    const ref = { namespace: workspace, name: 'held' };
    const owned = await create(configMaps, { metadata: { ...ref, finalizers: ['v2-verifier.example/hold'] } });
    expect(await client.delete(owned)).toBe('accepted');
    const terminating = await client.get(configMaps, ref);
    expect(Date.parse(terminating.metadata.deletionTimestamp ?? '')).toBeGreaterThan(0);
    await client.patch(configMaps, ref, { merge: { metadata: { finalizers: null } } });
    expect(await client.find(configMaps, ref)).toBeUndefined();
  },
);

test(
  'what an owner owns goes with it',
  from('kubernetes.io/docs/concepts/architecture/garbage-collection'),
  async ({ client, create, workspace }) => {
    const owner = await create(configMaps, { metadata: { name: 'owner', namespace: workspace } });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.uid };
    const child = await create(configMaps, {
      metadata: { name: 'child', namespace: workspace, ownerReferences: [reference] },
    });
    await client.delete(owner);
    await waitUntilGone(client, child, timeoutMs);
  },
);

test(
  'a namespace goes with what is in it',
  from('kubernetes.io/docs/tasks/administer-cluster/namespaces'),
  async ({ client, create, runId }) => {
    const name = `v2-verifier-${runId}-short`;
    const namespace = await create(namespaces, { metadata: { name } });
    await create(configMaps, { metadata: { name: 'inside', namespace: name } });
    await client.delete(namespace);
    await waitUntilGone(client, namespace, 60_000);
  },
);
