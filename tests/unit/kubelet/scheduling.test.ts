import { expect, test } from '@playwright/test';
import { shellPod, startTestCluster, type TestCluster } from './cluster.ts';

let cluster: TestCluster;
test.beforeEach(async () => {
  cluster = await startTestCluster();
});
test.afterEach(async () => {
  await cluster.stop();
});

const rejected = (name: string) =>
  cluster.until(
    'FailedScheduling',
    () => cluster.events(name).find(({ reason }) => reason === 'FailedScheduling')?.message,
  );

test('nodes are there at once, ready, with huge pages', () => {
  const nodes = cluster.store.list('nodes');
  expect(nodes.map(({ metadata }) => metadata.name)).toEqual(['node1', 'node2', 'node3']);
  for (const node of nodes) {
    expect(node.metadata.labels).toMatchObject({
      'kubernetes.io/hostname': node.metadata.name,
      'kubernetes.io/os': 'linux',
    });
    expect(node.status).toMatchObject({ allocatable: { 'hugepages-2Mi': '2Gi' } });
    expect((node.status as { conditions: unknown[] }).conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
  }
});

test('pods are spread over the nodes', async () => {
  for (const name of ['a', 'b', 'c']) {
    cluster.createPod(name, shellPod('sleep 1000'));
    await cluster.untilReady(name);
  }
  expect(['a', 'b', 'c'].map((name) => cluster.pod(name)?.spec.nodeName)).toEqual(['node1', 'node2', 'node3']);
});

test('a node selector, a required affinity and a cordon are obeyed, and reported when nothing fits', async () => {
  cluster.store.mutate({ resource: 'nodes', name: 'node1' }, (draft) => {
    (draft.spec as { unschedulable: boolean }).unschedulable = true;
  });
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node1', 'node3'] }] },
        ],
      },
    },
  };
  cluster.createPod('affine', { ...shellPod('sleep 1000'), affinity });
  expect((await cluster.untilReady('affine')).spec.nodeName).toBe('node3');
  cluster.createPod('nowhere', { ...shellPod('true'), nodeSelector: { zone: 'moon' } });
  expect(await rejected('nowhere')).toBe(
    "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. " +
      'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  );
  expect(cluster.pod('nowhere')?.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }),
  );
  cluster.store.mutate({ resource: 'nodes', name: 'node2' }, (draft) => {
    draft.metadata.labels = { ...draft.metadata.labels, zone: 'moon' };
  });
  await cluster.until('the pod to be scheduled', () => cluster.pod('nowhere')?.spec.nodeName);
});

test('a pod with a missing claim waits and says for which', async () => {
  cluster.createPod('waits', {
    ...shellPod('true'),
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'absent' } }],
  });
  expect(await rejected('waits')).toContain('0/3 nodes are available: persistentvolumeclaim "absent" not found.');
});
