/**
 * What the scenario relies on from a Kubernetes API. Each claim is one that the API's documentation makes
 * (kubernetes.io/docs/reference/using-api/api-concepts) or that the recorded answers of a real server show.
 */
import { configMaps, leases, namespaces, nodes, pods, storageClasses } from '../../helpers/kubernetes/core-kinds.ts';
import { ApiError } from '../../helpers/kubernetes/errors.ts';
import { Owned } from '../../helpers/kubernetes/ownership.ts';
import { met, pending, waitFor } from '../../helpers/kubernetes/wait.ts';
import { waitUntilGone } from '../../helpers/longhorn/sweep.ts';
import { expect, from, test } from './target.ts';

const timeoutMs = 30_000;

async function refusal(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

test(
  'the server tells its version',
  from(
    'kubernetes.io/docs/reference/using-api/health-checks',
    'kubernetes:staging/src/k8s.io/apimachinery/pkg/version/types.go@v1.33.1',
  ),
  async ({ client }) => {
    expect(await client.serverVersion()).toMatch(/^v1\.\d+\.\d+/);
  },
);

test(
  'a created object comes back with uid, resourceVersion and time of creation',
  from('kubernetes.io/docs/reference/using-api/api-concepts'),
  async ({ create, workspace }) => {
    const { object } = await create(configMaps, {
      metadata: { name: 'created', namespace: workspace },
      data: { a: '1' },
    });
    expect(object.metadata).toMatchObject({ uid: expect.any(String), resourceVersion: expect.stringMatching(/^\d+$/) });
    expect(Date.parse(object.metadata.creationTimestamp ?? '')).toBeGreaterThan(0);
  },
);

test(
  'a name is taken once: 409 AlreadyExists',
  from(
    'kubernetes.io/docs/concepts/overview/working-with-objects/names',
    'kubernetes:staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go@v1.33.1',
  ),
  async ({ create, workspace }) => {
    const manifest = { metadata: { name: 'taken', namespace: workspace } };
    await create(configMaps, manifest);
    expect(await refusal(create(configMaps, manifest))).toMatchObject({ statusCode: 409, reason: 'AlreadyExists' });
  },
);

test(
  'what is not there is 404 NotFound, in words that name it',
  from('kubernetes:staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go@v1.33.1'),
  async ({ client, workspace }) => {
    const error = await refusal(client.get(configMaps, { namespace: workspace, name: 'none' }));
    expect(error).toMatchObject({ statusCode: 404, reason: 'NotFound' });
    expect(error.message).toContain('configmaps "none" not found');
  },
);

test(
  'lists are selected by label and by name, and carry a resourceVersion to watch from',
  from(
    'kubernetes.io/docs/concepts/overview/working-with-objects/labels',
    'kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors',
  ),
  async ({ client, create, workspace }) => {
    await create(configMaps, { metadata: { name: 'listed', namespace: workspace, labels: { pick: 'me' } } });
    const byLabel = await client.list(configMaps, { namespace: workspace, labelSelector: 'pick=me' });
    expect(byLabel.items.map(({ metadata }) => metadata.name)).toEqual(['listed']);
    expect(byLabel.resourceVersion).toMatch(/^\d+$/);
    const byName = await client.list(configMaps, { namespace: workspace, fieldSelector: 'metadata.name=listed' });
    expect(byName.items).toHaveLength(1);
    const none = await client.list(configMaps, { namespace: workspace, labelSelector: 'pick=nobody' });
    expect(none.items).toEqual([]);
  },
);

test(
  'a watch from the version of a list shows each later change once, in order, and nothing earlier',
  from('kubernetes.io/docs/reference/using-api/api-concepts#efficient-detection-of-changes'),
  async ({ client, create, workspace }) => {
    const ref = { namespace: workspace, name: 'watched' };
    await create(configMaps, { metadata: ref, data: { step: '0' } });
    const { resourceVersion } = await client.list(configMaps, { namespace: workspace });
    const stop = new AbortController();
    const selection = { namespace: workspace, fieldSelector: 'metadata.name=watched', resourceVersion };
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of client.watch(configMaps, { ...selection, signal: stop.signal })) {
        if (event.type === 'BOOKMARK') continue;
        seen.push(`${event.type} ${event.object.data?.['step'] ?? ''}`);
        if (event.type === 'DELETED') return;
      }
    })();
    await client.patch(configMaps, ref, { merge: { data: { step: '1' } } });
    const last = await client.patch(configMaps, ref, { merge: { data: { step: '2' } } });
    await client.delete(Owned.of(configMaps, last));
    await watching;
    stop.abort();
    expect(seen).toEqual(['MODIFIED 1', 'MODIFIED 2', 'DELETED 2']);
  },
);

test(
  'a watch from a version that is long gone says 410, as an event or as its answer',
  from('kubernetes.io/docs/reference/using-api/api-concepts#410-gone-responses'),
  async ({ client, workspace }) => {
    const stop = new AbortController();
    const watch = client.watch(configMaps, { namespace: workspace, resourceVersion: '1', signal: stop.signal });
    const first = watch.next();
    const error = await refusal(first);
    stop.abort();
    expect(error.statusCode).toBe(410);
  },
);

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
    expect(error.message).toContain('metadata.uid: Invalid value: "00000000-0000-0000-0000-000000000000": field is immutable');
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
  'an object of a kind that is not served is 404',
  from('kubernetes.io/docs/reference/using-api/api-concepts'),
  async ({ client }) => {
    const unserved = { ...storageClasses, group: 'nobody.example' };
    expect((await refusal(client.list(unserved))).statusCode).toBe(404);
  },
);

test(
  'creating in a namespace that is not there is 404 and names it',
  from('kubernetes.io/docs/concepts/overview/working-with-objects/namespaces'),
  async ({ create }) => {
    const error = await refusal(create(configMaps, { metadata: { name: 'lost', namespace: 'v2-verifier-missing' } }));
    expect(error.message).toContain('namespaces "v2-verifier-missing" not found');
  },
);

test(
  'an access review answers what we may do',
  from('kubernetes.io/docs/reference/access-authn-authz/authorization'),
  async ({ client, workspace }) => {
    expect(await client.mayI({ verb: 'create', group: '', resource: 'pods', namespace: workspace })).toBe('allowed');
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
  'nodes tell their kernel and how many huge pages pods can have',
  from('kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages'),
  async ({ client }) => {
    const { items } = await client.list(nodes);
    expect(items.length).toBeGreaterThan(0);
    for (const { status } of items) {
      expect(status?.nodeInfo?.kernelVersion).toMatch(/^\d+\.\d+/);
      expect(status?.allocatable?.['hugepages-2Mi']).toMatch(/^\d+(Ki|Mi|Gi)?$/);
    }
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

test.describe('a pod', () => {
  test(
    'runs, mounts a ConfigMap, answers exec with exit codes, and keeps its log',
    from(
      'kubernetes.io/docs/concepts/storage/volumes#configmap',
      'kubernetes:staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go@v1.33.1',
    ),
    async ({ client, create, target, workspace }) => {
      test.setTimeout(300_000);
      await create(configMaps, {
        metadata: { name: 'files', namespace: workspace },
        data: { 'hello.txt': 'hello from a file\n' },
      });
      const pod = await create(pods, {
        metadata: { name: 'worker', namespace: workspace },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 1,
          imagePullSecrets: target.imagePullSecrets,
          containers: [
            {
              name: 'main',
              image: target.podImage,
              command: ['node', '-e', 'console.log("started"); setInterval(() => {}, 1 << 30)'],
              volumeMounts: [{ name: 'files', mountPath: '/files' }],
            },
          ],
          volumes: [{ name: 'files', configMap: { name: 'files' } }],
        },
      });
      await waitFor(client, {
        what: 'the pod ready',
        expected: 'condition Ready',
        sources: { pods: { kind: pods, ...pod.ref } },
        until: ({ pods: [found] }) =>
          found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
            ? met(undefined)
            : pending(found?.status?.phase ?? 'absent'),
        timeoutMs: 240_000,
      });
      const exec = client.exec({ namespace: workspace, name: 'worker', container: 'main' });
      const options = { timeoutMs, signal: client.signal };

      const told = await exec(
        ['node', '-e', 'process.stdout.write(require("fs").readFileSync("/files/hello.txt"))'],
        options,
      );
      expect(told).toMatchObject({ exitCode: 0, stdout: 'hello from a file\n' });

      const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
      expect(await exec(['node', '-e', script], options)).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });

      const large = await exec(['node', '-e', 'process.stdout.write("x".repeat(300000))'], options);
      expect(large.stdout).toHaveLength(300_000);

      await expect(exec(['/no/such/program'], options)).rejects.toThrow(/no such file or directory|not found/);

      expect(await client.logs({ namespace: workspace, name: 'worker' })).toBe('started\n');

      await client.delete(pod);
      await waitUntilGone(client, pod, 60_000);
    },
  );

  test(
    'that is not there refuses exec with 404',
    from('kubernetes:staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go@v1.33.1'),
    async ({ client, workspace }) => {
      const exec = client.exec({ namespace: workspace, name: 'nope' });
      expect((await refusal(exec(['true'], { timeoutMs, signal: client.signal }))).statusCode).toBe(404);
    },
  );
});
