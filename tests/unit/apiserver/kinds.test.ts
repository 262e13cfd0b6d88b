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
const claim = (spec: object): object => ({
  metadata: { name: 'x' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const secret = (type: string): object => ({ metadata: { name: 'x' }, type, data: { other: 'eA==' } });

const refused: readonly (readonly [what: string, path: string, body: object, message: string])[] = [
  [
    'a pod without containers',
    `${core}/pods`,
    pod({ containers: [] }),
    'Pod "x" is invalid: spec.containers: Required value',
  ],
  [
    'a container with a strange name',
    `${core}/pods`,
    pod({ containers: [{ ...container, name: 'C' }] }),
    `Pod "x" is invalid: spec.containers[0].name: Invalid value: "C": ${labelComplaint}`,
  ],
  [
    'two containers of one name',
    `${core}/pods`,
    pod({ containers: [container, container] }),
    'Pod "x" is invalid: spec.containers[1].name: Duplicate value: "c"',
  ],
  [
    'a mount of no volume',
    `${core}/pods`,
    pod({ containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }),
    'Pod "x" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  [
    'another restart policy',
    `${core}/pods`,
    pod({ restartPolicy: 'Sometimes', containers: [container] }),
    'Pod "x" is invalid: spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    'a pod that another volume is named like',
    `${core}/pods`,
    pod({ containers: [container], volumes: [{ name: 'v' }, { name: 'v' }] }),
    'Pod "x" is invalid: spec.volumes[1].name: Duplicate value: "v"',
  ],
  [
    'a volume of two types',
    `${core}/pods`,
    pod({ containers: [container], volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }),
    'Pod "x" is invalid: spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'a volume of no claim',
    `${core}/pods`,
    pod({ containers: [container], volumes: [{ name: 'v', persistentVolumeClaim: {} }] }),
    'Pod "x" is invalid: spec.volumes[0].persistentVolumeClaim.claimName: Required value',
  ],
  [
    'a device of no volume',
    `${core}/pods`,
    pod({ containers: [{ ...container, volumeDevices: [{ name: 'v', devicePath: '/dev/v' }] }] }),
    'Pod "x" is invalid: spec.containers[0].volumeDevices[0].name: Not found: "v"',
  ],
  [
    'a device that is no block volume',
    `${core}/pods`,
    pod({
      containers: [{ ...container, volumeDevices: [{ name: 'v', devicePath: '/dev/v' }] }],
      volumes: [{ name: 'v' }],
    }),
    'Pod "x" is invalid: spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
  ],
  [
    'a port without number',
    `${core}/pods`,
    pod({ containers: [{ ...container, ports: [{ name: 'p' }] }] }),
    'Pod "x" is invalid: spec.containers[0].ports[0].containerPort: Required value',
  ],
  [
    'a port too high',
    `${core}/pods`,
    pod({ containers: [{ ...container, ports: [{ containerPort: 70_000 }] }] }),
    'Pod "x" is invalid: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    'a port with a long name',
    `${core}/pods`,
    pod({ containers: [{ ...container, ports: [{ containerPort: 1, name: 'longer-than-that' }] }] }),
    'Pod "x" is invalid: spec.containers[0].ports[0].name: Invalid value: "longer-than-that": must be no more than 15 characters',
  ],
  [
    'a variable without name',
    `${core}/pods`,
    pod({ containers: [{ ...container, env: [{ value: 'x' }] }] }),
    'Pod "x" is invalid: spec.containers[0].env[0].name: Required value',
  ],
  [
    'a variable with an equals sign',
    `${core}/pods`,
    pod({ containers: [{ ...container, env: [{ name: 'a=b' }] }] }),
    `Pod "x" is invalid: spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
  ],
  [
    'a request above its limit',
    `${core}/pods`,
    pod({ containers: [{ ...container, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }] }),
    'Pod "x" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    'a probe of nothing',
    `${core}/pods`,
    pod({ containers: [{ ...container, livenessProbe: {} }] }),
    'Pod "x" is invalid: spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    'another DNS',
    `${core}/pods`,
    pod({ containers: [container], dnsPolicy: 'Mine' }),
    'Pod "x" is invalid: spec.dnsPolicy: Unsupported value: "Mine": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
  ],
  [
    'no time at all',
    `${core}/pods`,
    pod({ containers: [container], activeDeadlineSeconds: 0 }),
    'Pod "x" is invalid: spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    'a host with dots',
    `${core}/pods`,
    pod({ containers: [container], hostname: 'a.b' }),
    'Pod "x" is invalid: spec.hostname: Invalid value: "a.b": must not contain dots',
  ],
  [
    'a debugger from the start',
    `${core}/pods`,
    pod({ containers: [container], ephemeralContainers: [{ name: 'd', image: 'i' }] }),
    'Pod "x" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  [
    'a namespace with dots',
    '/api/v1/namespaces',
    { metadata: { name: 'a.b' } },
    'Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots',
  ],
  [
    'an event of another namespace',
    `${core}/events`,
    { metadata: { name: 'x' }, involvedObject: { kind: 'Pod', namespace: 'other', name: 'p' } },
    'Event "x" is invalid: involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ],
  [
    'a role with a slash',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    { metadata: { name: 'a%b' } },
    `ClusterRole.rbac.authorization.k8s.io "a%b" is invalid: metadata.name: Invalid value: "a%b": may not contain '%'`,
  ],
  [
    'a volume of nothing',
    '/api/v1/persistentvolumes',
    { metadata: { name: 'x' }, spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } } },
    'PersistentVolume "x" is invalid: spec: Required value: must specify a volume type',
  ],
  [
    'a key without its text',
    `${core}/secrets`,
    secret('kubernetes.io/ssh-auth'),
    'Secret "x" is invalid: data[%s][ssh-privatekey]: Required value',
  ],
  [
    'a login of nobody',
    `${core}/secrets`,
    secret('kubernetes.io/basic-auth'),
    'Secret "x" is invalid: [data[%s][username]: Required value, data[%s][password]: Required value]',
  ],
  [
    'registries that are no JSON',
    `${core}/secrets`,
    { metadata: { name: 'x' }, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } },
    'Secret "x" is invalid: data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
  ],
  [
    'a claim of another mode',
    `${core}/persistentvolumeclaims`,
    claim({ volumeMode: 'Tape' }),
    'PersistentVolumeClaim "x" is invalid: spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
  ],
  [
    'a claim with another access',
    `${core}/persistentvolumeclaims`,
    claim({ accessModes: ['ReadTwice'] }),
    'PersistentVolumeClaim "x" is invalid: spec.accessModes: Unsupported value: "ReadTwice": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ],
  [
    'a claim of nothing',
    `${core}/persistentvolumeclaims`,
    claim({ resources: { requests: { storage: '0' } } }),
    'PersistentVolumeClaim "x" is invalid: spec.resources[storage]: Invalid value: "0": must be greater than zero',
  ],
  [
    'a certificate without its key',
    `${core}/secrets`,
    secret('kubernetes.io/tls'),
    'Secret "x" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]',
  ],
  [
    'a pull secret without registries',
    `${core}/secrets`,
    secret('kubernetes.io/dockerconfigjson'),
    'Secret "x" is invalid: data[.dockerconfigjson]: Required value',
  ],
  [
    'a key that climbs',
    `${core}/configmaps`,
    { metadata: { name: 'x' }, data: { '..': 'x' } },
    `ConfigMap "x" is invalid: data[..]: Invalid value: "..": must not be '..'`,
  ],
  [
    'more than a ConfigMap holds',
    `${core}/configmaps`,
    { metadata: { name: 'x' }, data: { k: 'x'.repeat(2 ** 20 + 1) } },
    'ConfigMap "x" is invalid: []: Too long: may not be more than 1048576 bytes',
  ],
  [
    'a lease for no time',
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    { metadata: { name: 'x' }, spec: { leaseDurationSeconds: 0 } },
    'Lease.coordination.k8s.io "x" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
  ],
];

for (const [what, path, body, message] of refused) {
  test(`refused: ${what}`, async () => {
    const answer = await send(cluster.server, { method: 'POST', path, body });
    expect({ status: answer.status, message: answer.body.message as string }).toEqual({ status: 422, message });
  });
}

test('a lease is created by its replacement, a ConfigMap is not', async () => {
  const put = (path: string, body: object): Promise<Answer> =>
    send(cluster.server, { method: 'PUT', path, body: { metadata: { name: 'put' }, ...body } });
  const lease = '/apis/coordination.k8s.io/v1/namespaces/default/leases/put';
  expect((await put(lease, { spec: { holderIdentity: 'a' } })).status).toBe(201);
  expect(await put(lease, { spec: { holderIdentity: 'b' } })).toMatchObject({
    status: 200,
    body: { spec: { holderIdentity: 'b' } },
  });
  expect(await put(`${core}/configmaps/put`, {})).toMatchObject({
    status: 404,
    body: { message: 'configmaps "put" not found' },
  });
});

test('the type of a secret stays', async () => {
  await send(cluster.server, { method: 'POST', path: `${core}/secrets`, body: { metadata: { name: 'typed' } } });
  const answer = await send(cluster.server, {
    method: 'PATCH',
    path: `${core}/secrets/typed`,
    contentType: 'application/merge-patch+json',
    body: { type: 'other' },
  });
  expect(answer.body.message).toBe('Secret "typed" is invalid: type: Invalid value: "other": field is immutable');
});

test('a log is asked for with numbers that make sense, before the pod is looked for', async () => {
  const ask = async (query: string, name = 'nope'): Promise<unknown> =>
    (await send(cluster.server, { method: 'GET', path: `${core}/pods/${name}/log?${query}` })).body.message;
  expect(await ask('tailLines=-1')).toBe(
    'PodLogOptions "nope" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  );
  expect(await ask('limitBytes=0&sinceSeconds=0')).toBe(
    'PodLogOptions "nope" is invalid: [limitBytes: Invalid value: 0: must be greater than 0, sinceSeconds: Invalid value: 0: must be greater than 0]',
  );
  expect(await ask('tailLines=few', 'ex')).toBe('strconv.ParseInt: parsing "few": invalid syntax');
  expect(await ask('')).toBe('pods "nope" not found');
});

const leftOut: readonly (readonly [
  what: string,
  headers: { accept?: string },
  path: string,
  status: number,
  reason: string,
])[] = [
  [
    'objects in protobuf',
    { accept: 'application/vnd.kubernetes.protobuf' },
    `${core}/configmaps`,
    406,
    'every client that reads protobuf reads JSON as well, and says so in its Accept header: kubectl and client-node do',
  ],
  [
    'an attachment over plain HTTP',
    {},
    `${core}/pods/ex/attach`,
    400,
    'the output of a pod is what its log shows; kubectl run -i falls back to that by itself',
  ],
  [
    'a forwarded port over plain HTTP',
    {},
    `${core}/pods/ex/portforward`,
    400,
    'pods have addresses of this machine, so their ports can be reached without a tunnel',
  ],
  ['metrics of the server', {}, '/metrics', 404, 'the counters would be of this server, not of a kube-apiserver'],
];

for (const [what, headers, path, status, reason] of leftOut) {
  test(`left out: ${what}`, { annotation: { type: 'differs', description: reason } }, async () => {
    expect((await send(cluster.server, { method: 'GET', path, ...headers })).status).toBe(status);
  });
}

const changed: readonly (readonly [what: string, change: object, message: string])[] = [
  [
    'another container',
    {
      containers: [
        { name: 'd', image: 'i' },
        { name: 'e', image: 'i' },
      ],
    },
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ],
  ['an image of nothing', { containers: [{ name: 'c', image: '' }] }, 'spec.containers[0].image: Required value'],
  [
    'a deadline below zero',
    { activeDeadlineSeconds: -1 },
    'spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
];

for (const [what, spec, message] of changed) {
  test(`a pod does not take: ${what}`, async () => {
    const answer = await send(cluster.server, {
      method: 'PATCH',
      path: `${core}/pods/ex`,
      contentType: 'application/strategic-merge-patch+json',
      body: { spec },
    });
    expect({ status: answer.status, message: answer.body.message as string }).toEqual({
      status: 422,
      message: `Pod "ex" is invalid: ${message}`,
    });
  });
}

const change = (path: string, body: object): Promise<Answer> =>
  send(cluster.server, { method: 'PATCH', path, contentType: 'application/merge-patch+json', body });

test('the deadline of a pod only comes nearer, and its tolerations stay', async () => {
  const pods = `${core}/pods/dead`;
  addPod(cluster.store, 'dead');
  expect((await change(pods, { spec: { activeDeadlineSeconds: 100 } })).status).toBe(200);
  expect((await change(pods, { spec: { activeDeadlineSeconds: 200 } })).body.message).toBe(
    'Pod "dead" is invalid: spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value',
  );
  expect((await change(pods, { spec: { activeDeadlineSeconds: null } })).body.message).toBe(
    'Pod "dead" is invalid: spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  );
  expect(
    (await change(pods, { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } })).body.spec.tolerations,
  ).toHaveLength(3);
  expect((await change(pods, { spec: { tolerations: [] } })).body.message).toBe(
    'Pod "dead" is invalid: spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  );
});

test('an amount that is none is not even read', async () => {
  const { body } = await send(cluster.server, {
    method: 'POST',
    path: `${core}/pods`,
    body: pod({ containers: [{ ...container, resources: { requests: { cpu: 'abc' } } }] }),
  });
  expect(body).toMatchObject({
    code: 400,
    message: `Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
  });
});

test('a name that is no host name is warned of', async () => {
  const { headers } = await send(cluster.server, {
    method: 'POST',
    path: `${core}/pods?dryRun=All`,
    body: { ...pod({ containers: [container] }), metadata: { name: 'a.b' } },
  });
  expect(headers['warning']).toBe(
    `299 - "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"`,
  );
});

test('a claim grows when it is bound, and its parameters stay', async () => {
  const path = `${core}/persistentvolumeclaims/grows`;
  const ref = { resource: 'persistentvolumeclaims', namespace: 'default', name: 'grows' };
  await send(cluster.server, {
    method: 'POST',
    path: `${core}/persistentvolumeclaims`,
    body: { ...claim({ volumeMode: 'Block' }), metadata: { name: 'grows' } },
  });
  const asking = (storage: string): Promise<Answer> => change(path, { spec: { resources: { requests: { storage } } } });
  expect((await asking('2Gi')).body.message).toContain(
    'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
  );
  cluster.store.mutate(ref, (draft) => (draft.status = { phase: 'Bound', capacity: { storage: '1Gi' } }), {
    subresource: 'status',
  });
  expect((await asking('2Gi')).status).toBe(200);
  expect((await asking('1Gi')).body.message).toBe(
    'PersistentVolumeClaim "grows" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  );
  expect((await change(path, { spec: { volumeMode: 'Filesystem' } })).body.message).toContain(
    'volumeMode: Invalid value: "Filesystem": field is immutable',
  );
  const classes = '/apis/storage.k8s.io/v1/storageclasses';
  await send(cluster.server, { method: 'POST', path: classes, body: { metadata: { name: 'c' }, provisioner: 'p' } });
  expect(
    (await change(`${classes}/c`, { reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' })).body.message,
  ).toBe(
    'StorageClass.storage.k8s.io "c" is invalid: [reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden., volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable]',
  );
});

test('a pod that is on no node has no log and takes no command; it is put on one once', async () => {
  const waits = `${core}/pods/waits`;
  await send(cluster.server, {
    method: 'POST',
    path: `${core}/pods`,
    body: {
      metadata: { name: 'waits' },
      spec: { containers: [container, { ...container, name: 'd' }], initContainers: [{ ...container, name: 'i' }] },
    },
  });
  const ask = (method: string, path: string, body?: object): Promise<Answer> =>
    send(cluster.server, { method, path: `${waits}/${path}`, ...(body === undefined ? {} : { body }) });
  expect((await ask('GET', 'log?container=c')).status).toBe(204);
  expect((await ask('GET', 'log')).body.message).toBe(
    'a container name must be specified for pod waits, choose one of: [i c d]',
  );
  expect((await ask('POST', 'exec?command=a&stdout=1&container=c')).body.message).toBe(
    'pod waits does not have a host assigned',
  );
  expect((await ask('POST', 'exec?command=a&stdout=1&container=z')).body.message).toBe(
    'container z is not valid for pod waits',
  );
  const binding = (name: string, node: string): object => ({
    metadata: { name },
    target: { kind: 'Node', name: node },
  });
  expect((await ask('POST', 'binding', binding('other', 'n'))).body.message).toBe(
    'name in URL does not match name in Binding object',
  );
  expect((await ask('POST', 'binding', binding('waits', ''))).body).toMatchObject({
    code: 500,
    message: 'target.name: Required value',
  });
  expect((await ask('POST', 'binding', binding('waits', 'n'))).status).toBe(201);
  expect((await ask('POST', 'binding', binding('waits', 'm'))).body).toMatchObject({
    code: 409,
    message: 'Operation cannot be fulfilled on pods/binding "waits": pod waits is already assigned to node "n"',
    details: { name: 'waits', kind: 'pods/binding' },
  });
  expect((await ask('POST', 'eviction', { metadata: { name: 'other' } })).body.message).toBe(
    'name in URL does not match name in Eviction object',
  );
});

test('amounts are written in one way, whichever way they came', async () => {
  const written = (requests: object): Promise<Answer> =>
    send(cluster.server, {
      method: 'POST',
      path: `${core}/pods?dryRun=All`,
      body: pod({ containers: [{ ...container, resources: { requests } }] }),
    });
  const forms = {
    cpu: 0.5,
    memory: '1024Mi',
    'example.com/a': 1000,
    'example.com/b': '0.5Gi',
    'example.com/c': '1500m',
    'example.com/d': '1e3',
    'example.com/e': '1.5k',
  };
  expect((await written(forms)).body.spec.containers[0].resources.requests).toEqual({
    cpu: '500m',
    memory: '1Gi',
    'example.com/a': '1k',
    'example.com/b': '512Mi',
    'example.com/c': '1500m',
    'example.com/d': '1e3',
    'example.com/e': '1500',
  });
});
