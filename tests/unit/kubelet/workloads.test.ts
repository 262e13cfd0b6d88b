import { expect, test } from '@playwright/test';
import type { Pod } from '../../../embedded/controlplane/kubernetes/objects/pod.ts';
import type { Deployment, Job } from '../../../embedded/controlplane/kubernetes/objects/workload.ts';
import { shellPod, startTestCluster, type TestCluster } from './cluster.ts';

let cluster: TestCluster;
test.beforeEach(async () => {
  cluster = await startTestCluster();
});
test.afterEach(async () => {
  await cluster.stop();
});

const labels = { app: 'web' };
const pause = { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] };
const metadata = (name: string) => ({ name, namespace: 'default' });
const pods = () => cluster.store.list('pods', { namespace: 'default' }) as readonly Pod[];
const ref = (resource: string, name: string) => ({ resource, namespace: 'default', name });

function createDeployment(replicas: number): void {
  cluster.store.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata('web'),
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pause } },
  });
}

/** As `kubectl rollout status` decides it. */
const rolledOut = (replicas: number) =>
  cluster.until(`${replicas} replicas to be rolled out`, () => {
    const deployment = cluster.store.get(ref('deployments.apps', 'web')) as Deployment | undefined;
    const { status } = deployment ?? {};
    const done =
      status?.['observedGeneration'] === deployment?.metadata.generation &&
      (status?.['updatedReplicas'] ?? 0) === replicas &&
      (status?.['replicas'] ?? 0) === replicas &&
      (status?.['availableReplicas'] ?? 0) === replicas;
    return done ? deployment : undefined;
  });

test('a deployment comes up, scales and rolls a new template out', async () => {
  createDeployment(3);
  const deployment = await rolledOut(3);
  expect(deployment.status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
    ['Progressing', 'True', 'NewReplicaSetAvailable'],
    ['Available', 'True', 'MinimumReplicasAvailable'],
  ]);
  expect(deployment.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
  const [replicaSet] = cluster.store.list('replicasets.apps');
  expect(cluster.events('web').map(({ message }) => message)).toEqual([
    `Scaled up replica set ${replicaSet?.metadata.name} from 0 to 3`,
  ]);

  cluster.store.mutate(ref('deployments.apps', 'web'), (draft) => {
    (draft as Deployment).spec.replicas = 1;
  });
  await rolledOut(1);

  cluster.store.mutate(ref('deployments.apps', 'web'), (draft) => {
    (draft as Deployment).spec.template.metadata = { labels, annotations: { changed: 'yes' } };
  });
  const rolled = await rolledOut(1);
  expect(rolled.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
  await cluster.until('only the new pod to be left', () => {
    const [only, ...others] = pods();
    return others.length === 0 && only?.metadata.annotations?.['changed'] === 'yes' ? true : undefined;
  });
});

test('a deployment replaces a pod that was deleted', async () => {
  createDeployment(1);
  await rolledOut(1);
  const [first] = pods();
  cluster.store.delete(ref('pods', first?.metadata.name ?? ''));
  await cluster.until('another pod to be ready', () => {
    const [only, ...others] = pods();
    const ready = only?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return others.length === 0 && only?.metadata.uid !== first?.metadata.uid && ready === true ? true : undefined;
  });
});

test('a daemon set runs one pod per node, cordoned ones too', async () => {
  cluster.store.mutate({ resource: 'nodes', name: 'node2' }, (draft) => {
    (draft.spec as { unschedulable: boolean }).unschedulable = true;
  });
  cluster.store.create('daemonsets.apps', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metadata('agent'),
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pause } },
  });
  await cluster.until('three ready pods', () =>
    (cluster.store.get(ref('daemonsets.apps', 'agent'))?.status as { numberReady?: number } | undefined)
      ?.numberReady === 3
      ? true
      : undefined,
  );
  expect(
    pods()
      .map(({ spec }) => spec.nodeName)
      .sort(),
  ).toEqual(['node1', 'node2', 'node3']);
});

test('a stateful set starts its pods in order, each with its number', async () => {
  const started: string[] = [];
  cluster.store.watch('pods', ({ type, object }) => {
    if (type === 'ADDED') {
      started.push(object.metadata.name);
    }
  });
  cluster.store.create('statefulsets.apps', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata('db'),
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pause },
    },
  });
  await cluster.until('two ready pods', () =>
    (cluster.store.get(ref('statefulsets.apps', 'db'))?.status as { readyReplicas?: number } | undefined)
      ?.readyReplicas === 2
      ? true
      : undefined,
  );
  expect(started).toEqual(['db-0', 'db-1']);
});

function createJob(script: string, more: Record<string, unknown> = {}): void {
  cluster.store.create('jobs.batch', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata('task'),
    spec: { template: { spec: { ...shellPod(script), restartPolicy: 'Never' } }, ...more },
  });
}

const jobCondition = (wanted: string) =>
  cluster.until(`the job to be ${wanted}`, () => {
    const job = cluster.store.get(ref('jobs.batch', 'task')) as Job | undefined;
    return job?.status?.conditions?.some(({ type, status }) => type === wanted && status === 'True') === true
      ? job
      : undefined;
  });

test('a job is complete when its pod has succeeded', async () => {
  createJob('echo done');
  const { status } = await jobCondition('Complete');
  expect(status?.succeeded).toBe(1);
  expect(status?.completionTime).toBeDefined();
  expect(status?.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete']);
  const [pod] = pods();
  expect(pod?.metadata.labels).toMatchObject({ 'job-name': 'task', 'batch.kubernetes.io/job-name': 'task' });
});

test('a job that keeps failing has failed once its limit is passed', async () => {
  createJob('exit 1', { backoffLimit: 1 });
  const { status } = await jobCondition('Failed');
  expect(status?.failed).toBe(2);
  expect(status?.conditions?.at(-1)).toMatchObject({
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  });
});

const whoAmI = 'echo $HOSTNAME is $JOB_COMPLETION_INDEX';
const indexKey = 'batch.kubernetes.io/job-completion-index';

test('an indexed job runs one pod for each index, one after another, and each knows its own', async () => {
  const started: string[] = [];
  let most = 0;
  cluster.store.watch('pods', ({ type, object }) => {
    if (type === 'ADDED') started.push(object.metadata.name.slice(0, -5));
    most = Math.max(
      most,
      pods().filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending').length,
    );
  });
  createJob(whoAmI, { completionMode: 'Indexed', completions: 3, parallelism: 1 });
  const { status } = await jobCondition('Complete');
  expect(status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
  expect(status).not.toHaveProperty('failedIndexes');
  expect({ started, most }).toEqual({ started: ['task-0-', 'task-1-', 'task-2-'], most: 1 });
  for (const pod of pods()) {
    const index = pod.metadata.annotations?.[indexKey];
    expect(pod.metadata.labels?.[indexKey]).toBe(index);
    expect(pod.spec.hostname).toBe(`task-${index}`);
    expect(await cluster.logs(pod.metadata.name)).toBe(`task-${index} is ${index}\n`);
  }
});

test('an index that fails under a limit of its own ends neither the others nor comes again', async () => {
  const script = 'test $JOB_COMPLETION_INDEX != 1';
  createJob(script, { completionMode: 'Indexed', completions: 3, parallelism: 1, backoffLimitPerIndex: 0 });
  const { status } = await jobCondition('Failed');
  expect(status).toMatchObject({ succeeded: 2, failed: 1, completedIndexes: '0,2', failedIndexes: '1' });
  expect(status?.conditions?.at(-1)).toMatchObject({ reason: 'FailedIndexes', message: 'Job has failed indexes' });
  expect(pods()).toHaveLength(3);
  expect(
    pods().map(({ metadata: { annotations } }) => annotations?.['batch.kubernetes.io/job-index-failure-count']),
  ).toEqual(['0', '0', '0']);
});
