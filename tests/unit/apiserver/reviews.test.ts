/** Access reviews: what they answer, and how questions that are none are refused (kubernetes:pkg/apis/authorization/validation). */
import { expect, test } from '@playwright/test';
import { send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster();
  const metadata = { name: 'reads', namespace: 'default' };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  cluster.store.create('roles.rbac.authorization.k8s.io', { apiVersion, kind: 'Role', metadata, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] });
  cluster.store.create('rolebindings.rbac.authorization.k8s.io', {
    apiVersion, kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reads' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
  });
});

test.afterAll(() => cluster.close());

const ask = (path: string, spec: unknown, token?: string): Promise<Answer> =>
  send(cluster.server, { method: 'POST', path: `/apis/authorization.k8s.io/v1/${path}`, body: { spec }, ...(token === undefined ? {} : { token }) });

async function accountToken(): Promise<string> {
  const answer = await send(cluster.server, { method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts/default/token', body: { spec: {} } });
  return answer.body.status.token as string;
}

test('a review says yes or no, and which binding says yes', async () => {
  const token = await accountToken();
  const pods = (verb: string): unknown => ({ resourceAttributes: { verb, resource: 'pods', namespace: 'default' } });
  expect((await ask('selfsubjectaccessreviews', pods('get'), token)).body.status).toEqual({
    allowed: true, reason: 'RBAC: allowed by RoleBinding "reads/default" of Role "reads" to ServiceAccount "default/default"',
  });
  expect((await ask('selfsubjectaccessreviews', pods('delete'), token)).body.status).toEqual({ allowed: false });
  expect((await ask('selfsubjectaccessreviews', pods('delete'))).body.status).toEqual({ allowed: true });
  const other = { user: 'joe', groups: ['system:masters'], resourceAttributes: { verb: 'get', resource: 'pods' } };
  expect((await ask('subjectaccessreviews', other)).body.status).toEqual({ allowed: true });
  expect((await ask('selfsubjectaccessreviews', { nonResourceAttributes: { path: '/version', verb: 'get' } }, token)).body.status).toEqual({ allowed: true });
  expect((await ask('selfsubjectaccessreviews', { nonResourceAttributes: { path: '/metrics', verb: 'get' } }, token)).body.status).toEqual({ allowed: false });
});

test('a review of the rules lists what RBAC grants', async () => {
  const { resourceRules, nonResourceRules, incomplete } = (await ask('selfsubjectrulesreviews', { namespace: 'default' }, await accountToken())).body.status as {
    resourceRules: unknown[]; nonResourceRules: { nonResourceURLs: string[] }[]; incomplete: boolean;
  };
  expect(resourceRules).toEqual(expect.arrayContaining([
    { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  ]));
  expect(nonResourceRules.flatMap(({ nonResourceURLs }) => nonResourceURLs)).toContain('/openapi/*');
  expect(incomplete).toBe(false);
});

test('questions that are none are refused', async () => {
  expect((await ask('selfsubjectaccessreviews', {})).body).toMatchObject({
    code: 422,
    message: '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    details: { group: 'authorization.k8s.io' },
  });
  expect((await ask('subjectaccessreviews', { resourceAttributes: { verb: 'get' } })).body.message).toContain('spec.user: Invalid value: "": at least one of user or group must be specified');
  expect((await ask('selfsubjectrulesreviews', {})).body).toMatchObject({ code: 400, message: 'no namespace on request' });
  const token = await send(cluster.server, { method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', body: { spec: {} } });
  expect(token.body).toMatchObject({ code: 400, message: 'token is required for TokenReview in authentication' });
});
