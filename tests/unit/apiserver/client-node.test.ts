import { Writable } from 'node:stream';
import {
  CoreV1Api,
  CustomObjectsApi,
  Exec,
  KubeConfig,
  Log,
  PatchStrategy,
  VersionApi,
  Watch,
  makeInformer,
  setHeaderOptions,
} from '@kubernetes/client-node';
import type { V1ConfigMap, V1Status } from '@kubernetes/client-node';
import { expect, test } from '@playwright/test';
import { startCluster } from './client.ts';
import type { Cluster } from './client.ts';
import { addPod, fakePods } from './fake-pods.ts';
import { configMap, gadget, gadgetName, gadgets } from './gadgets.ts';

let cluster: Cluster;
let config: KubeConfig;

test.beforeAll(async () => {
  cluster = await startCluster({ customResources: [gadgets], backend: fakePods });
  config = new KubeConfig();
  config.loadFromString(cluster.server.kubeconfig);
  addPod(cluster.store, 'ex');
});

test.afterAll(() => cluster.close());

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

test('objects are created, listed, patched in each way and deleted', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const namespace = 'default';
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'a' }, data: { k: '1' } } });
  const patched = async (strategy: string, body: unknown): Promise<V1ConfigMap> =>
    core.patchNamespacedConfigMap(
      { name: 'a', namespace, body, fieldManager: 'test', force: undefined as unknown as boolean },
      setHeaderOptions('Content-Type', strategy),
    );
  expect((await patched(PatchStrategy.MergePatch, { data: { k: '2' } })).data).toEqual({ k: '2' });
  expect((await patched(PatchStrategy.JsonPatch, [{ op: 'replace', path: '/data/k', value: '3' }])).data).toEqual({
    k: '3',
  });
  expect(
    (await patched(PatchStrategy.StrategicMergePatch, { metadata: { labels: { l: 'x' } } })).metadata?.labels,
  ).toEqual({ l: 'x' });
  const list = await core.listNamespacedConfigMap({ namespace, labelSelector: 'l=x' });
  expect(list.items.map((item) => item.metadata?.name)).toEqual(['a']);
  await core.deleteNamespacedConfigMap({ name: 'a', namespace });
  await expect(core.readNamespacedConfigMap({ name: 'a', namespace })).rejects.toMatchObject({ code: 404 });
});

test('custom objects and the version are read', async () => {
  cluster.store.create(gadgetName, gadget('one'));
  const custom = config.makeApiClient(CustomObjectsApi);
  const read = (await custom.getNamespacedCustomObject({
    group: 'example.com',
    version: 'v1',
    namespace: 'default',
    plural: 'gadgets',
    name: 'one',
  })) as { spec: unknown };
  expect(read.spec).toEqual({ size: '1', engine: 'v1' });
  expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toBe('v1.36.2');
});

test('exec gives output, error output and the exit status', async () => {
  const stdout = new Text();
  const stderr = new Text();
  const run = (command: string[]): Promise<V1Status> =>
    new Promise((resolve, reject) => {
      new Exec(config).exec('default', 'ex', 'c', command, stdout, stderr, null, false, resolve).catch(reject);
    });
  expect(await run(['sh', '-c', 'echo err'])).toMatchObject({ status: 'Success' });
  expect([stdout.text, stderr.text]).toEqual(['out\n', 'err\n']);
  const failed = await run(['sh', '-c', 'echo before; exit 3']);
  expect(failed).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  });
});

test('a log is followed until the client lets go', async () => {
  let lines = '';
  let seenAll: () => void = () => undefined;
  const followed = new Promise<void>((resolve) => (seenAll = resolve));
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines += chunk.toString('utf8');
      if (lines.includes('followed')) seenAll();
      done();
    },
  });
  const controller = await new Log(config).log('default', 'ex', 'c', output, { follow: true });
  await followed;
  controller.abort();
  expect(lines).toBe('started\nsecond line\nfollowed\n');
});

test('a watch delivers what happens after the resourceVersion it starts from', async () => {
  const resourceVersion = String(cluster.store.revision());
  const seen: string[] = [];
  let three: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => (three = resolve));
  const controller = await new Watch(config).watch(
    '/api/v1/namespaces/default/configmaps',
    { resourceVersion },
    (phase, object: V1ConfigMap) => {
      seen.push(`${phase} ${object.metadata?.name}`);
      if (seen.length === 3) three();
    },
    () => undefined,
  );
  cluster.store.create('configmaps', configMap('watched'));
  cluster.store.mutate(
    { resource: 'configmaps', namespace: 'default', name: 'watched' },
    (draft) => (draft['data'] = {}),
  );
  cluster.store.delete({ resource: 'configmaps', namespace: 'default', name: 'watched' });
  await complete;
  controller.abort();
  expect(seen).toEqual(['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
});

test('an informer misses nothing through a restart of the server and a forgotten history', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', () =>
    core.listNamespacedConfigMap({ namespace: 'default' }),
  );
  const known = new Set<string>();
  const waiting = new Map<string, () => void>();
  informer.on('add', (object) => {
    const name = object.metadata?.name ?? '';
    known.add(name);
    waiting.get(name)?.();
  });
  let failed: () => void = () => undefined;
  informer.on('error', () => failed());
  const appears = async (name: string): Promise<void> => {
    if (!known.has(name)) await new Promise<void>((resolve) => waiting.set(name, resolve));
  };
  await informer.start();
  try {
    cluster.store.create('configmaps', configMap('before'));
    await appears('before');
    const broken = new Promise<void>((resolve) => (failed = resolve));
    const restarting = cluster.server.inject({ kind: 'restart', downMs: 0 });
    cluster.store.create('configmaps', configMap('while-down'));
    await restarting;
    await cluster.server.inject({ kind: 'compact' });
    await broken;
    // An informer that failed is started again by its owner: client-node leaves that to the caller.
    await informer.start();
    cluster.store.create('configmaps', configMap('after'));
    await appears('while-down');
    await appears('after');
  } finally {
    await informer.stop();
  }
});
