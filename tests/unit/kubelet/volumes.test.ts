import { expect, test } from '@playwright/test';
import type { CsiDriver } from '../../../embedded/controlplane/csi.ts';
import type { KubeObject } from '../../../embedded/apiserver/store.ts';
import { sidecarBackoffSeconds } from '../../../embedded/controlplane/kubernetes/storage/provisioner.ts';
import { shellPod, startTestCluster, type TestCluster } from './cluster.ts';

interface FakeDriver extends CsiDriver {
  readonly calls: string[];
  failures: Partial<Record<'createVolume' | 'controllerPublish' | 'expandVolume', string[]>>;
}

function createFakeDriver(): FakeDriver {
  const calls: string[] = [];
  const failures: FakeDriver['failures'] = {};
  const call = (kind: 'createVolume' | 'controllerPublish' | 'expandVolume', text: string): Promise<void> => {
    const failure = failures[kind]?.shift();
    calls.push(failure === undefined ? text : `${text} failed`);
    return failure === undefined ? Promise.resolve() : Promise.reject(new Error(failure));
  };
  return {
    name: 'driver.example.com',
    calls,
    failures,
    async createVolume({ name, capacityBytes, parameters, volumeMode }) {
      await call('createVolume', `create ${capacityBytes} ${volumeMode}`);
      return { volumeHandle: name, capacityBytes, context: parameters };
    },
    async expandVolume(_handle, capacityBytes) {
      await call('expandVolume', `expand ${capacityBytes}`);
      return { capacityBytes };
    },
    deleteVolume: () => {
      calls.push('delete');
      return Promise.resolve();
    },
    controllerPublish: (_handle, node) => call('controllerPublish', `publish ${node}`),
    controllerUnpublish: (_handle, node) => {
      calls.push(`unpublish ${node}`);
      return Promise.resolve();
    },
    deviceUri: (handle, node) => `nbd+unix:///${handle}?socket=/run/${node}.sock`,
  };
}

let cluster: TestCluster;
let driver: FakeDriver;
test.beforeEach(async () => {
  driver = createFakeDriver();
  cluster = await startTestCluster({ csiDrivers: [driver] });
});
test.afterEach(async () => {
  await cluster.stop();
});

function createClass(more: Record<string, unknown> = {}): void {
  cluster.store.create('storageclasses.storage.k8s.io', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: driver.name,
    parameters: { dataEngine: 'v2' },
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    ...more,
  });
}

function createClaim(more: Record<string, unknown> = {}): void {
  cluster.store.create('persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Block',
      storageClassName: 'fast',
      resources: { requests: { storage: '500Mi' } },
      ...more,
    },
  });
}

function blockPod(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...shellPod('echo device=$DEVICE "$0" "$@"; while :; do sleep 0.05; done', {
      command: ['sh', '-c', 'echo device=$DEVICE "$0"; while :; do sleep 0.05; done', '--device=/dev/x'],
      env: [{ name: 'DEVICE', value: '/dev/x' }],
      volumeDevices: [{ name: 'data', devicePath: '/dev/x' }],
    }),
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    ...more,
  };
}

const claim = () => cluster.store.get({ resource: 'persistentvolumeclaims', namespace: 'default', name: 'data' });
const gone = (what: string, resource: string) =>
  cluster.until(`${what} to be gone`, () => (cluster.store.list(resource).length === 0 ? true : undefined));
const bound = () =>
  cluster.until('the claim to be bound', () => {
    const found = claim();
    return (found?.status as { phase: string } | undefined)?.phase === 'Bound' ? found : undefined;
  });

test('a block claim is provisioned, attached, used through its device path, detached and deleted, in this order', async () => {
  createClass();
  createClaim();
  const name = `pvc-${(await bound()).metadata.uid}`;
  const volume = cluster.store.get({ resource: 'persistentvolumes', name });
  expect(volume?.metadata.annotations?.['pv.kubernetes.io/provisioned-by']).toBe(driver.name);
  expect(volume?.metadata.finalizers).toContain('kubernetes.io/pv-protection');
  expect(volume?.spec).toMatchObject({
    capacity: { storage: '500Mi' },
    claimRef: { kind: 'PersistentVolumeClaim', name: 'data', namespace: 'default' },
    csi: { driver: driver.name, volumeHandle: name, volumeAttributes: { dataEngine: 'v2' } },
    persistentVolumeReclaimPolicy: 'Delete',
    storageClassName: 'fast',
    volumeMode: 'Block',
  });
  expect(claim()?.metadata.annotations).toMatchObject({
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
    'volume.kubernetes.io/storage-provisioner': driver.name,
  });
  expect(cluster.events('data').map(({ reason }) => reason)).toEqual([
    'ExternalProvisioning',
    'Provisioning',
    'ProvisioningSucceeded',
  ]);

  cluster.createPod('user', blockPod({ nodeName: 'node2' }));
  await cluster.untilReady('user');
  const uri = `nbd+unix:///${name}?socket=/run/node2.sock`;
  await cluster.until('the pod to speak', () =>
    cluster.events('user').some(({ reason }) => reason === 'Started') ? true : undefined,
  );
  const { stdout } = await cluster.exec('user', ['sh', '-c', 'echo $DEVICE "$0"', 'of=/dev/x']);
  expect(stdout).toBe(`${uri} of=${uri}\n`);
  expect(cluster.events('user').find(({ reason }) => reason === 'SuccessfulAttachVolume')?.message).toBe(
    `AttachVolume.Attach succeeded for volume "${name}" `,
  );
  const node = cluster.store.get({ resource: 'nodes', name: 'node2' });
  expect(node?.status).toMatchObject({ volumesInUse: [`kubernetes.io/csi/${driver.name}^${name}`] });

  cluster.store.delete({ resource: 'persistentvolumeclaims', namespace: 'default', name: 'data' });
  expect(claim()?.metadata.deletionTimestamp).toBeDefined();
  cluster.store.delete({ resource: 'pods', namespace: 'default', name: 'user' });
  await gone('the volume', 'persistentvolumes');
  expect(claim()).toBeUndefined();
  expect(driver.calls).toEqual(['create 524288000 Block', 'publish node2', 'unpublish node2', 'delete']);
});

test('a volume is detached only when the last pod of the node has ended', async () => {
  createClass();
  createClaim();
  await bound();
  cluster.createPod('one', blockPod({ nodeName: 'node1' }));
  cluster.createPod('two', blockPod({ nodeName: 'node1' }));
  await Promise.all([cluster.untilReady('one'), cluster.untilReady('two')]);
  cluster.store.delete({ resource: 'pods', namespace: 'default', name: 'one' });
  await cluster.until('the first pod to be gone', () => (cluster.pod('one') === undefined ? true : undefined));
  expect(cluster.store.list('volumeattachments.storage.k8s.io')).toHaveLength(1);
  cluster.store.delete({ resource: 'pods', namespace: 'default', name: 'two' });
  await gone('the attachment', 'volumeattachments.storage.k8s.io');
  expect(driver.calls.slice(1)).toEqual(['publish node1', 'unpublish node1']);
});

test('a volume for one node at a time moves to the next node only after it was detached from the first', async () => {
  createClass();
  createClaim();
  await bound();
  cluster.createPod('one', blockPod({ nodeName: 'node1' }));
  await cluster.untilReady('one');
  cluster.createPod('two', blockPod({ nodeName: 'node2' }));
  const event = await cluster.until('a multi-attach error', () =>
    cluster.events('two').find(({ reason }) => reason === 'FailedAttachVolume'),
  );
  expect(event.message).toMatch(/^Multi-Attach error for volume "pvc-.*" Volume is already used by pod\(s\) one$/);
  cluster.store.delete({ resource: 'pods', namespace: 'default', name: 'one' });
  await cluster.untilReady('two');
  expect(driver.calls.slice(1)).toEqual(['publish node1', 'unpublish node1', 'publish node2']);
});

test('failures of the driver become events and are tried again', async () => {
  driver.failures.createVolume = ['rpc error: code = Internal desc = no disk'];
  driver.failures.controllerPublish = ['rpc error: code = DeadlineExceeded desc = not attached'];
  createClass();
  createClaim();
  cluster.createPod('user', blockPod());
  await cluster.untilReady('user');
  expect(cluster.events('data').find(({ reason }) => reason === 'ProvisioningFailed')?.message).toBe(
    'failed to provision volume with StorageClass "fast": rpc error: code = Internal desc = no disk',
  );
  expect(cluster.events('user').find(({ reason }) => reason === 'FailedAttachVolume')?.message).toMatch(
    /^AttachVolume.Attach failed for volume "pvc-.*" : rpc error: code = DeadlineExceeded desc = not attached$/,
  );
  expect(cluster.events('user').find(({ reason }) => reason === 'FailedScheduling')?.message).toContain(
    'pod has unbound immediate PersistentVolumeClaims',
  );
});

test('a class that waits for a consumer provisions when a pod is scheduled', async () => {
  createClass({ volumeBindingMode: 'WaitForFirstConsumer' });
  createClaim();
  await cluster.until('the claim to wait', () =>
    cluster.events('data').find(({ reason }) => reason === 'WaitForFirstConsumer'),
  );
  expect(driver.calls).toEqual([]);
  cluster.createPod('user', blockPod({ nodeSelector: { 'kubernetes.io/hostname': 'node3' } }));
  const pod = await cluster.untilReady('user');
  expect(pod.spec.nodeName).toBe('node3');
  expect(claim()?.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe('node3');
});

test('a retained volume stays, released, when its claim is deleted', async () => {
  createClass({ reclaimPolicy: 'Retain' });
  createClaim();
  await bound();
  cluster.store.delete({ resource: 'persistentvolumeclaims', namespace: 'default', name: 'data' });
  const volume = await cluster.until('the volume to be released', () =>
    cluster.store
      .list('persistentvolumes')
      .find(({ status }) => (status as { phase?: string } | undefined)?.phase === 'Released'),
  );
  expect(driver.calls).not.toContain('delete');
  cluster.store.delete({ resource: 'persistentvolumes', name: volume.metadata.name });
  await gone('the volume', 'persistentvolumes');
  expect(driver.calls).not.toContain('delete');
});

test('a file system claim is refused honestly', async () => {
  createClass();
  createClaim({ volumeMode: 'Filesystem' });
  cluster.createPod('user', {
    ...shellPod('true', { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  });
  const event = await cluster.until('FailedMount', () =>
    cluster.events('user').find(({ reason }) => reason === 'FailedMount'),
  );
  expect(event.message).toContain('the embedded cluster has no kernel to mount a file system with');
  expect(cluster.pod('user')?.status?.phase).toBe('Pending');
});

test('a driver that registers later serves the claims that waited for it', async () => {
  const late: FakeDriver = { ...createFakeDriver(), name: 'late.example.com' };
  createClass({ provisioner: late.name });
  createClaim();
  await cluster.until('the claim to wait', () =>
    cluster.events('data').find(({ reason }) => reason === 'ExternalProvisioning'),
  );
  cluster.kubernetes.registerCsiDriver(late);
  await bound();
  const csiNode = cluster.store.get({ resource: 'csinodes.storage.k8s.io', name: 'node1' });
  expect((csiNode?.spec as { drivers: { name: string }[] }).drivers.map(({ name }) => name)).toEqual([
    driver.name,
    late.name,
  ]);
});

test('a bound claim that asks for more is expanded, its volume first, and a failure is tried again', async () => {
  driver.failures.expandVolume = ['rpc error: code = Internal desc = busy'];
  createClass();
  createClaim();
  const name = `pvc-${(await bound()).metadata.uid}`;
  cluster.store.mutate({ resource: 'persistentvolumeclaims', namespace: 'default', name: 'data' }, (draft) => {
    (draft.spec as { resources: { requests: { storage: string } } }).resources.requests.storage = '600Mi';
  });
  await cluster.until('the claim to be larger', () => {
    const status = claim()?.status as { capacity: { storage: string }; conditions?: unknown } | undefined;
    return status?.capacity.storage === '600Mi' && status.conditions === undefined ? true : undefined;
  });
  expect(cluster.store.get({ resource: 'persistentvolumes', name })?.spec).toMatchObject({
    capacity: { storage: '600Mi' },
  });
  expect(driver.calls.slice(1)).toEqual(['expand 629145600 failed', 'expand 629145600']);
  const reasons = new Set(cluster.events('data').map(({ reason }) => reason));
  expect([...reasons].slice(-3)).toEqual(['Resizing', 'VolumeResizeFailed', 'VolumeResizeSuccessful']);
});

test('an expansion that failed is tried again after the back-off and no sooner, and leaves other conditions alone', async () => {
  const timeScale = 0.1;
  await cluster.stop();
  const attempts: number[] = [];
  const fake = createFakeDriver();
  driver = {
    ...fake,
    expandVolume(_handle, capacityBytes) {
      attempts.push(performance.now());
      return attempts.length === 1 ? Promise.reject(new Error('busy')) : Promise.resolve({ capacityBytes });
    },
  };
  cluster = await startTestCluster({ csiDrivers: [driver], timeScale });
  createClass();
  createClaim();
  await bound();
  const at = { resource: 'persistentvolumeclaims', namespace: 'default', name: 'data' };
  const other = {
    type: 'ModifyingVolume',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: '2024-01-01T00:00:00Z',
  };
  const addOther = (draft: KubeObject): void => {
    Object.assign(draft.status as object, { conditions: [other] });
  };
  cluster.store.mutate(at, addOther, { subresource: 'status' });
  cluster.store.mutate(at, (draft) => {
    (draft.spec as { resources: { requests: { storage: string } } }).resources.requests.storage = '600Mi';
  });
  await cluster.until('the claim to be larger', () => {
    const status = claim()?.status as { capacity: { storage: string } } | undefined;
    return status?.capacity.storage === '600Mi' ? true : undefined;
  });
  const [first = 0, second = 0] = attempts;
  expect(second - first).toBeGreaterThan(sidecarBackoffSeconds(1) * timeScale * 1000 - 5);
  expect((claim()?.status as { conditions?: unknown }).conditions).toEqual([other]);
});
