/** What the kinds that a storage test creates must have, in the words of kubernetes:pkg/apis/core/validation and coordination. */
import { expect, test } from '@playwright/test';
import { send, startCluster } from './client.ts';
import type { Answer, Cluster } from './client.ts';
import { addPod } from './fake-pods.ts';

const core = '/api/v1/namespaces/default';
const labelComplaint =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
  "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

let cluster: Cluster;

test.beforeAll(async () => {
  cluster = await startCluster();
  addPod(cluster.store, 'ex');
});

test.afterAll(() => cluster.close());

const pod = (spec: object): object => ({ metadata: { name: 'x' }, spec });
const container = { name: 'c', image: 'i' };
const claim = (spec: object): object => ({ metadata: { name: 'x' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } });
const secret = (type: string): object => ({ metadata: { name: 'x' }, type, data: { other: 'eA==' } });

const refused: readonly (readonly [what: string, path: string, body: object, message: string])[] = [
  ['a pod without containers', `${core}/pods`, pod({ containers: [] }), 'Pod "x" is invalid: spec.containers: Required value'],
  ['a container with a strange name', `${core}/pods`, pod({ containers: [{ ...container, name: 'C' }] }), `Pod "x" is invalid: spec.containers[0].name: Invalid value: "C": ${labelComplaint}`],
  ['two containers of one name', `${core}/pods`, pod({ containers: [container, container] }), 'Pod "x" is invalid: spec.containers[1].name: Duplicate value: "c"'],
  ['a mount of no volume', `${core}/pods`, pod({ containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }), 'Pod "x" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v"'],
  ['another restart policy', `${core}/pods`, pod({ restartPolicy: 'Sometimes', containers: [container] }), 'Pod "x" is invalid: spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
  ['a claim of another mode', `${core}/persistentvolumeclaims`, claim({ volumeMode: 'Tape' }), 'PersistentVolumeClaim "x" is invalid: spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
  [
    'a claim with another access', `${core}/persistentvolumeclaims`, claim({ accessModes: ['ReadTwice'] }),
    'PersistentVolumeClaim "x" is invalid: spec.accessModes: Unsupported value: "ReadTwice": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ],
  ['a claim of nothing', `${core}/persistentvolumeclaims`, claim({ resources: { requests: { storage: '0' } } }), 'PersistentVolumeClaim "x" is invalid: spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ['a certificate without its key', `${core}/secrets`, secret('kubernetes.io/tls'), 'Secret "x" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]'],
  ['a pull secret without registries', `${core}/secrets`, secret('kubernetes.io/dockerconfigjson'), 'Secret "x" is invalid: data[.dockerconfigjson]: Required value'],
  ['a key that climbs', `${core}/configmaps`, { metadata: { name: 'x' }, data: { '..': 'x' } }, `ConfigMap "x" is invalid: data[..]: Invalid value: "..": must not be '..'`],
  ['more than a ConfigMap holds', `${core}/configmaps`, { metadata: { name: 'x' }, data: { k: 'x'.repeat(2 ** 20 + 1) } }, 'ConfigMap "x" is invalid: []: Too long: may not be more than 1048576 bytes'],
  ['a lease for no time', '/apis/coordination.k8s.io/v1/namespaces/default/leases', { metadata: { name: 'x' }, spec: { leaseDurationSeconds: 0 } }, 'Lease.coordination.k8s.io "x" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
];

for (const [what, path, body, message] of refused) {
  test(`refused: ${what}`, async () => {
    const answer = await send(cluster.server, { method: 'POST', path, body });
    expect({ status: answer.status, message: answer.body.message as string }).toEqual({ status: 422, message });
  });
}

test('a lease is created by its replacement, a ConfigMap is not', async () => {
  const put = (path: string, body: object): Promise<Answer> => send(cluster.server, { method: 'PUT', path, body: { metadata: { name: 'put' }, ...body } });
  const lease = '/apis/coordination.k8s.io/v1/namespaces/default/leases/put';
  expect((await put(lease, { spec: { holderIdentity: 'a' } })).status).toBe(201);
  expect(await put(lease, { spec: { holderIdentity: 'b' } })).toMatchObject({ status: 200, body: { spec: { holderIdentity: 'b' } } });
  expect(await put(`${core}/configmaps/put`, {})).toMatchObject({ status: 404, body: { message: 'configmaps "put" not found' } });
});

test('the type of a secret stays', async () => {
  await send(cluster.server, { method: 'POST', path: `${core}/secrets`, body: { metadata: { name: 'typed' } } });
  const answer = await send(cluster.server, { method: 'PATCH', path: `${core}/secrets/typed`, contentType: 'application/merge-patch+json', body: { type: 'other' } });
  expect(answer.body.message).toBe('Secret "typed" is invalid: type: Invalid value: "other": field is immutable');
});

test('a log is asked for with numbers that make sense, before the pod is looked for', async () => {
  const ask = async (query: string, name = 'nope'): Promise<unknown> => (await send(cluster.server, { method: 'GET', path: `${core}/pods/${name}/log?${query}` })).body.message;
  expect(await ask('tailLines=-1')).toBe('PodLogOptions "nope" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0');
  expect(await ask('limitBytes=0&sinceSeconds=0')).toBe('PodLogOptions "nope" is invalid: [limitBytes: Invalid value: 0: must be greater than 0, sinceSeconds: Invalid value: 0: must be greater than 0]');
  expect(await ask('tailLines=few', 'ex')).toBe('strconv.ParseInt: parsing "few": invalid syntax');
  expect(await ask('')).toBe('pods "nope" not found');
});

const leftOut: readonly (readonly [what: string, headers: { accept?: string }, path: string, status: number, reason: string])[] = [
  ['objects in protobuf', { accept: 'application/vnd.kubernetes.protobuf' }, `${core}/configmaps`, 406, 'every client that reads protobuf reads JSON as well, and says so in its Accept header: kubectl and client-node do'],
  ['an attachment over plain HTTP', {}, `${core}/pods/ex/attach`, 400, 'the output of a pod is what its log shows; kubectl run -i falls back to that by itself'],
  ['a forwarded port over plain HTTP', {}, `${core}/pods/ex/portforward`, 400, 'pods have addresses of this machine, so their ports can be reached without a tunnel'],
  ['metrics of the server', {}, '/metrics', 404, 'the counters would be of this server, not of a kube-apiserver'],
];

for (const [what, headers, path, status, reason] of leftOut) {
  test(`left out: ${what}`, { annotation: { type: 'differs', description: reason } }, async () => {
    expect((await send(cluster.server, { method: 'GET', path, ...headers })).status).toBe(status);
  });
}
