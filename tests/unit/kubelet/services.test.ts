import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { expect, test } from '@playwright/test';
import { startTestCluster, type TestCluster } from './cluster.ts';

let cluster: TestCluster;
test.beforeEach(async () => {
  cluster = await startTestCluster();
});
test.afterEach(async () => {
  await cluster.stop();
});

function serverSpec(answer: string): Record<string, unknown> {
  const script = `require('http').createServer((q, s) => s.end('${answer}')).listen(8080, () => console.log('listening'))`;
  return {
    containers: [
      {
        name: 'server',
        image: 'node:22-slim',
        command: ['node', '-e', script],
        ports: [{ name: 'web', containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/', port: 'web' }, periodSeconds: 1 },
      },
    ],
  };
}

function createService(targetPort: number | string): void {
  cluster.store.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'image', namespace: 'default' },
    spec: { selector: { app: 'image' }, ports: [{ name: 'http', port: 80, targetPort }] },
  });
}

async function fetchText(target: { host: string; port: number }): Promise<string> {
  const [response] = (await once(get({ ...target, agent: false }), 'response')) as [IncomingMessage];
  return text(response);
}

test('a node pod serves HTTP on its pod address behind a service', async () => {
  createService('web');
  expect(cluster.kubernetes.network.resolve('image.default', 80)).toBeUndefined();
  cluster.createPod('server', serverSpec('from the pod'), { app: 'image' });
  const pod = await cluster.untilReady('server');
  for (const host of ['image.default', 'image.default.svc', 'image.default.svc.cluster.local']) {
    expect(cluster.kubernetes.network.resolve(host, 80)).toEqual({ host: pod.status?.podIP, port: 8080 });
  }
  const service = cluster.store.get({ resource: 'services', namespace: 'default', name: 'image' });
  const clusterIp = String((service?.spec as { clusterIP: string }).clusterIP);
  const target = cluster.kubernetes.network.resolve(clusterIp, 80);
  expect(target).toBeDefined();
  expect(await fetchText(target ?? { host: '', port: 0 })).toBe('from the pod');
  expect(cluster.kubernetes.network.resolve(String(pod.status?.podIP), 8080)).toEqual({
    host: pod.status?.podIP,
    port: 8080,
  });
  expect(cluster.kubernetes.network.resolve('image.other', 80)).toBeUndefined();
  expect(cluster.kubernetes.network.resolve('image.default', 81)).toBeUndefined();
});

test('two pods that listen on the same port do not meet, because each has its own address', async () => {
  cluster.createPod('one', serverSpec('one'));
  cluster.createPod('two', serverSpec('two'));
  const answers = await Promise.all(
    ['one', 'two'].map(async (name) =>
      fetchText({ host: String((await cluster.untilReady(name)).status?.podIP), port: 8080 }),
    ),
  );
  expect(answers).toEqual(['one', 'two']);
});

test('endpoints follow the pods: not ready, ready, gone', async () => {
  createService(8080);
  cluster.createPod('server', serverSpec('x'), { app: 'image' });
  const subsets = (): Record<string, { targetRef: { name: string } }[]>[] =>
    (cluster.store.get({ resource: 'endpoints', namespace: 'default', name: 'image' })?.['subsets'] ?? []) as Record<
      string,
      { targetRef: { name: string } }[]
    >[];
  await cluster.untilReady('server');
  await cluster.until('a ready address', () =>
    subsets()[0]?.['addresses']?.find(({ targetRef }) => targetRef.name === 'server'),
  );
  const [slice] = cluster.store.list('endpointslices.discovery.k8s.io', {
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'image' },
  });
  expect(slice?.['ports']).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
  cluster.store.delete({ resource: 'pods', namespace: 'default', name: 'server' });
  await cluster.until('no address', () => (subsets().length === 0 ? true : undefined));
});

test('clusters side by side, even with the same seed, give their pods different networks', async () => {
  const other = await startTestCluster();
  try {
    cluster.createPod('a', serverSpec('a'));
    other.createPod('a', serverSpec('b'));
    const [one, two] = await Promise.all([cluster.untilReady('a'), other.untilReady('a')]);
    test.skip(one.status?.podIP === '127.0.0.1', 'this machine has only 127.0.0.1');
    expect(one.status?.podIP).not.toBe(two.status?.podIP);
  } finally {
    await other.stop();
  }
});
