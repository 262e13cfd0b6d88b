/** Access reviews: what they answer, and how questions that are none are refused (kubernetes:pkg/apis/authorization/validation). */
import { expect, test } from '@playwright/test';
import { send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster();
  const metadata = { name: 'reads', namespace: 'default' };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  cluster.store.create('roles.rbac.authorization.k8s.io', {
    apiVersion,
    kind: 'Role',
    metadata,
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
  });
  cluster.store.create('rolebindings.rbac.authorization.k8s.io', {
    apiVersion,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reads' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
  });
});

test.afterAll(() => cluster.close());

const ask = (path: string, spec: unknown, token?: string): Promise<Answer> =>
  send(cluster.server, {
    method: 'POST',
    path: `/apis/authorization.k8s.io/v1/${path}`,
    body: { spec },
    ...(token === undefined ? {} : { token }),
  });

async function accountToken(): Promise<string> {
  const answer = await send(cluster.server, {
    method: 'POST',
    path: '/api/v1/namespaces/default/serviceaccounts/default/token',
    body: { spec: {} },
  });
  return answer.body.status.token as string;
}

test('a review says yes or no, and which binding says yes', async () => {
  const token = await accountToken();
  const pods = (verb: string): unknown => ({ resourceAttributes: { verb, resource: 'pods', namespace: 'default' } });
  expect((await ask('selfsubjectaccessreviews', pods('get'), token)).body.status).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "reads/default" of Role "reads" to ServiceAccount "default/default"',
  });
  expect((await ask('selfsubjectaccessreviews', pods('delete'), token)).body.status).toEqual({ allowed: false });
  expect((await ask('selfsubjectaccessreviews', pods('delete'))).body.status).toEqual({ allowed: true });
  const other = { user: 'joe', groups: ['system:masters'], resourceAttributes: { verb: 'get', resource: 'pods' } };
  expect((await ask('subjectaccessreviews', other)).body.status).toEqual({ allowed: true });
  expect(
    (await ask('selfsubjectaccessreviews', { nonResourceAttributes: { path: '/version', verb: 'get' } }, token)).body
      .status,
  ).toEqual({ allowed: true });
  expect(
    (await ask('selfsubjectaccessreviews', { nonResourceAttributes: { path: '/metrics', verb: 'get' } }, token)).body
      .status,
  ).toEqual({ allowed: false });
});

test('a review of the rules lists what RBAC grants', async () => {
  const { resourceRules, nonResourceRules, incomplete } = (
    await ask('selfsubjectrulesreviews', { namespace: 'default' }, await accountToken())
  ).body.status as {
    resourceRules: unknown[];
    nonResourceRules: { nonResourceURLs: string[] }[];
    incomplete: boolean;
  };
  expect(resourceRules).toEqual(
    expect.arrayContaining([
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ]),
  );
  expect(nonResourceRules.flatMap(({ nonResourceURLs }) => nonResourceURLs)).toContain('/openapi/*');
  expect(incomplete).toBe(false);
});

test('questions that are none are refused', async () => {
  expect((await ask('selfsubjectaccessreviews', {})).body).toMatchObject({
    code: 422,
    message:
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    details: { group: 'authorization.k8s.io' },
  });
  expect((await ask('subjectaccessreviews', { resourceAttributes: { verb: 'get' } })).body.message).toContain(
    'spec.user: Invalid value: "": at least one of user or group must be specified',
  );
  expect((await ask('selfsubjectrulesreviews', {})).body).toMatchObject({
    code: 400,
    message: 'no namespace on request',
  });
  const token = await send(cluster.server, {
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/tokenreviews',
    body: { spec: {} },
  });
  expect(token.body).toMatchObject({ code: 400, message: 'token is required for TokenReview in authentication' });
});

const get = (path: string, token: string): Promise<Answer> => send(cluster.server, { method: 'GET', path, token });

test('permission is asked before anybody looks what there is, and for what the path says', async () => {
  const token = await accountToken();
  const who = 'User "system:serviceaccount:default:default" cannot';
  const refused: readonly (readonly [path: string, message: string])[] = [
    [
      '/api/v1/namespaces/default/nopes',
      `nopes is forbidden: ${who} list resource "nopes" in API group "" in the namespace "default"`,
    ],
    [
      '/apis/nope.example/v1/namespaces/default/foos/x',
      `foos.nope.example "x" is forbidden: ${who} get resource "foos" in API group "nope.example" in the namespace "default"`,
    ],
    [
      '/api/v1/namespaces/default',
      `namespaces "default" is forbidden: ${who} get resource "namespaces" in API group "" in the namespace "default"`,
    ],
    [
      '/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Da',
      `configmaps "a" is forbidden: ${who} list resource "configmaps" in API group "" in the namespace "default"`,
    ],
  ];
  for (const [path, message] of refused) {
    expect(await get(path, token)).toMatchObject({
      status: 403,
      body: { message },
      headers: { 'x-content-type-options': 'nosniff' },
    });
  }
  expect((await get('/apis/nope.example/v1', token)).text).toBe('404 page not found\n');
});

test('a caller can act as another, where it may', async () => {
  const path = '/api/v1/namespaces/default/pods';
  const as = (user: string, token: string): Promise<Answer> =>
    send(cluster.server, { method: 'GET', path, token, headers: { 'Impersonate-User': user } });
  expect((await as('joe', cluster.server.token)).body.message).toBe(
    'pods is forbidden: User "joe" cannot list resource "pods" in API group "" in the namespace "default"',
  );
  expect((await as('joe', await accountToken())).body.message).toBe(
    'users "joe" is forbidden: User "system:serviceaccount:default:default" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  const pod = (user: string): Promise<Answer> =>
    send(cluster.server, { method: 'GET', path: `${path}/none`, headers: { 'Impersonate-User': user } });
  expect((await pod('system:serviceaccount:default:default')).status).toBe(404);
});

test('a token is asked of an account that is there, for a time that is allowed', async () => {
  const request = (account: string, spec: unknown): Promise<Answer> =>
    send(cluster.server, {
      method: 'POST',
      path: `/api/v1/namespaces/default/serviceaccounts/${account}/token`,
      body: { spec },
    });
  expect((await request('none', {})).body.message).toBe('serviceaccounts "none" not found');
  expect((await request('default', { expirationSeconds: 5 })).body.message).toBe(
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
  );
  expect((await request('default', {})).body).toMatchObject({
    metadata: { name: 'default', creationTimestamp: expect.any(String) },
    spec: {
      audiences: ['https://kubernetes.default.svc.cluster.local'],
      expirationSeconds: 3600,
      boundObjectRef: null,
    },
  });
});

test('a token of an account says whose it is, and its bearer has the uid of the account', async () => {
  const token = await accountToken();
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown;
  expect(claims).toMatchObject({
    sub: 'system:serviceaccount:default:default',
    'kubernetes.io': { namespace: 'default' },
  });
  const { uid } = (
    await send(cluster.server, { method: 'GET', path: '/api/v1/namespaces/default/serviceaccounts/default' })
  ).body.metadata as { uid: string };
  const self = await send(cluster.server, {
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: {},
    token,
  });
  expect(self.body.status.userInfo).toMatchObject({ username: 'system:serviceaccount:default:default', uid });
});
