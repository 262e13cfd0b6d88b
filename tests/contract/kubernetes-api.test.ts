/**
 * What the scenario relies on from a Kubernetes API. Each claim is one that the API's documentation makes
 * (kubernetes.io/docs/reference/using-api/api-concepts) or that the recorded answers of a real server show.
 */
import { configMaps, nodes, storageClasses } from '../../helpers/kubernetes/core-kinds.ts';
import { refusal } from './refusal.ts';
import { expect, from, test } from './target.ts';

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
