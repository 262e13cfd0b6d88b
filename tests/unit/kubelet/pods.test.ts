import { expect, test } from '@playwright/test';
import type { Pod } from '../../../embedded/controlplane/kubernetes/objects/pod.ts';
import { shellPod, startTestCluster, type TestCluster } from './cluster.ts';

let cluster: TestCluster;
test.beforeEach(async () => {
  cluster = await startTestCluster();
});
test.afterEach(async () => {
  await cluster.stop();
});

test('a pod that exits with zero and is not restarted succeeds, and says so as kubelet does', async () => {
  cluster.createPod('once', { ...shellPod('echo done'), restartPolicy: 'Never' });
  const pod = await cluster.untilPhase('once', 'Succeeded');
  expect(pod.spec.nodeName).toBe('node1');
  expect(pod.status?.hostIP).toBe('10.99.0.11');
  expect(pod.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(pod.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'PodCompleted',
  });
  expect(cluster.events('once').map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
    'Scheduled: Successfully assigned default/once to node1',
    expect.stringMatching(/^Pulling: Pulling image "busybox"$/),
    expect.stringMatching(/^Pulled: Successfully pulled image "busybox"/),
    'Created: Container created',
    'Started: Container started',
  ]);
});

test('a pod passes through ContainerCreating before it runs', async () => {
  const phases: string[] = [];
  cluster.store.watch('pods', ({ object }) => {
    const { status: pod } = object as Pod;
    const [main] = pod?.containerStatuses ?? [];
    const state = main === undefined ? 'unknown' : (main.state.waiting?.reason ?? Object.keys(main.state)[0] ?? '');
    const step = `${pod?.phase}/${state}`;
    if (phases.at(-1) !== step) {
      phases.push(step);
    }
  });
  cluster.createPod('run', shellPod('sleep 1000'));
  await cluster.untilReady('run');
  expect(phases).toEqual(['Pending/unknown', 'Pending/ContainerCreating', 'Running/running']);
});

test('a failing program without restart fails the pod with its exit code', async () => {
  cluster.createPod('fails', { ...shellPod('exit 7'), restartPolicy: 'Never' });
  const pod = await cluster.untilPhase('fails', 'Failed');
  expect(pod.status?.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 7, reason: 'Error' });
});

test('a program that keeps failing is restarted, first at once and then after a back-off', async () => {
  cluster.createPod('loops', shellPod('echo attempt; exit 3'));
  const pod = await cluster.until('CrashLoopBackOff', () => {
    const found = cluster.pod('loops');
    const [status] = found?.status?.containerStatuses ?? [];
    return status?.state.waiting?.reason === 'CrashLoopBackOff' && status.restartCount >= 2 ? found : undefined;
  });
  const [status] = pod.status?.containerStatuses ?? [];
  expect(status?.lastState.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  expect(status?.state.waiting?.message).toMatch(/^back-off \d+s restarting failed container=main pod=loops_default\(/);
  expect(pod.status?.phase).toBe('Running');
  expect(cluster.events('loops').find(({ reason }) => reason === 'BackOff')?.message).toContain(
    'Back-off restarting failed container main',
  );
});

test('an image that the catalogue does not know ends in ImagePullBackOff and says what is known', async () => {
  cluster.createPod('unknown', { containers: [{ name: 'main', image: 'example.com/no/such:1' }] });
  const waiting = await cluster.until('ImagePullBackOff', () => {
    const state = cluster.pod('unknown')?.status?.containerStatuses?.[0]?.state.waiting;
    return state?.reason === 'ImagePullBackOff' ? state : undefined;
  });
  expect(waiting.message).toContain('"example.com/no/such:1"');
  expect(waiting.message).toContain('busybox');
  const reasons = cluster.events('unknown').map(({ reason, message }) => `${reason}: ${message.slice(0, 40)}`);
  expect(reasons).toContain('Failed: Error: ErrImagePull');
  expect(reasons.some((line) => line.startsWith('BackOff: Back-off pulling image'))).toBe(true);
});

test('a command that does not exist is a StartError in the words of runc', async () => {
  cluster.createPod('nocmd', {
    containers: [{ name: 'main', image: 'busybox', command: ['nosuchcommand'] }],
    restartPolicy: 'Never',
  });
  const pod = await cluster.untilPhase('nocmd', 'Failed');
  const terminated = pod.status?.containerStatuses?.[0]?.state.terminated;
  expect(terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
  expect(terminated?.message).toContain('exec: "nosuchcommand": executable file not found in $PATH');
});

test('init containers run one after the other before the main container', async () => {
  cluster.createPod('inits', {
    restartPolicy: 'Never',
    volumes: [{ name: 'shared', emptyDir: {} }],
    initContainers: ['a', 'b'].map((name) => ({
      name,
      image: 'busybox',
      command: ['sh', '-c', `echo ${name} >> /shared/order`],
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    })),
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['cat', '/shared/order'],
        volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
      },
    ],
  });
  const pod = await cluster.untilPhase('inits', 'Succeeded');
  expect(await cluster.logs('inits', { container: 'main' })).toBe('a\nb\n');
  expect(pod.status?.initContainerStatuses?.map(({ state }) => state.terminated?.exitCode)).toEqual([0, 0]);
});

test('a failing init container keeps the main container from running', async () => {
  cluster.createPod('badinit', {
    restartPolicy: 'Never',
    initContainers: [{ name: 'setup', image: 'busybox', command: ['false'] }],
    containers: [{ name: 'main', image: 'busybox', command: ['true'] }],
  });
  const pod = await cluster.untilPhase('badinit', 'Failed');
  expect(pod.status?.containerStatuses?.[0]?.state.waiting?.reason).toBe('PodInitializing');
});

test('the environment comes from fields, ConfigMaps and Secrets, and is expanded in arguments', async () => {
  const metadata = { namespace: 'default' };
  cluster.store.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, name: 'config' },
    data: { colour: 'blue', size: '3' },
  });
  cluster.store.create('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, name: 'secret' },
    data: { word: Buffer.from('open').toString('base64') },
  });
  cluster.createPod('env', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c'],
        args: ['echo $(GREETING) $(UNKNOWN) $$(GREETING) $NODE $NAME $WORD $CM_size $IP'],
        envFrom: [{ prefix: 'CM_', configMapRef: { name: 'config' } }],
        env: [
          { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'config', key: 'colour' } } },
          { name: 'WORD', valueFrom: { secretKeyRef: { name: 'secret', key: 'word' } } },
          { name: 'GREETING', value: 'hello-$(COLOUR)' },
        ],
      },
    ],
  });
  const pod = await cluster.untilPhase('env', 'Succeeded');
  const text = await cluster.logs('env');
  // The shell sees $(UNKNOWN) and $(GREETING) as command substitutions that fail: they were left as they are.
  expect(text).toContain(`hello-blue node1 env open 3 ${pod.status?.podIP}\n`);
  expect(text).toContain('UNKNOWN: not found');
  expect(text).toContain('GREETING: not found');
});

test('a missing ConfigMap key is a CreateContainerConfigError until it is there', async () => {
  cluster.createPod('config', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'echo $VALUE'],
        env: [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: 'later', key: 'value' } } }],
      },
    ],
  });
  const message = await cluster.until('CreateContainerConfigError', () => {
    const waiting = cluster.pod('config')?.status?.containerStatuses?.[0]?.state.waiting;
    return waiting?.reason === 'CreateContainerConfigError' ? waiting.message : undefined;
  });
  expect(message).toBe('configmap "later" not found');
  cluster.store.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'later', namespace: 'default' },
    data: { value: 'now' },
  });
  await cluster.untilPhase('config', 'Succeeded');
  expect(await cluster.logs('config')).toBe('now\n');
});

test('a readiness probe decides when the pod is ready, a liveness probe restarts it', async () => {
  cluster.createPod(
    'probed',
    shellPod('trap "exit 0" TERM; touch alive; while :; do sleep 0.05; done', {
      readinessProbe: { exec: { command: ['test', '-e', 'ready'] }, periodSeconds: 1 },
      livenessProbe: {
        exec: { command: ['test', '-e', 'alive'] },
        periodSeconds: 1,
        failureThreshold: 1,
        initialDelaySeconds: 60,
      },
    }),
  );
  await cluster.until('a failed readiness check', () =>
    cluster.events('probed').find(({ message }) => message.startsWith('Readiness probe failed')),
  );
  expect(cluster.pod('probed')?.status?.containerStatuses?.[0]?.ready).toBe(false);
  await cluster.exec('probed', ['touch', 'ready']);
  await cluster.untilReady('probed');
  await cluster.exec('probed', ['rm', 'alive']);
  await cluster.until('a restart', () =>
    cluster.pod('probed')?.status?.containerStatuses?.[0]?.restartCount === 1 ? true : undefined,
  );
  expect(cluster.events('probed').map(({ message }) => message)).toContain(
    'Container main failed liveness probe, will be restarted',
  );
});

/** Waits inside of the container until its trap is set. */
const untilUp = ['sh', '-c', 'until [ -e up ]; do sleep 0.01; done'];

test('deletion asks the program to end, waits for it, and then removes the pod', async () => {
  cluster.createPod('polite', shellPod('trap "echo bye; exit 0" TERM; touch up; while :; do sleep 0.05; done'));
  await cluster.untilReady('polite');
  await cluster.exec('polite', untilUp);
  const followed = cluster.logs('polite', { follow: true });
  cluster.store.delete({ resource: 'pods', namespace: 'default', name: 'polite' });
  expect(cluster.pod('polite')?.metadata.deletionTimestamp).toBeDefined();
  await cluster.until('the pod to be gone', () => (cluster.pod('polite') === undefined ? true : undefined));
  expect(await followed).toContain('bye\n');
  expect(cluster.events('polite').map(({ message }) => message)).toContain('Stopping container main');
});

test('a program that ignores the request to end is killed after the grace period', async () => {
  cluster.createPod('stubborn', {
    ...shellPod('trap "" TERM; touch up; while :; do sleep 0.05; done'),
    terminationGracePeriodSeconds: 1,
  });
  await cluster.untilReady('stubborn');
  await cluster.exec('stubborn', untilUp);
  const codes: number[] = [];
  cluster.store.watch('pods', ({ object }) => {
    const [status] = (object as Pod).status?.containerStatuses ?? [];
    if (status?.state.terminated !== undefined) {
      codes.push(status.state.terminated.exitCode);
    }
  });
  cluster.store.delete({ resource: 'pods', namespace: 'default', name: 'stubborn' });
  await cluster.until('the pod to be gone', () => (cluster.pod('stubborn') === undefined ? true : undefined));
  expect(codes).toContain(137);
});

test('a running pod tells what its containers were given, and coming to a node was no change of it', async () => {
  cluster.createPod('told', shellPod('while :; do sleep 0.05; done'));
  await cluster.untilReady('told');
  const pod = cluster.pod('told');
  expect(pod?.metadata.generation).toBe(1);
  expect(pod?.status).toMatchObject({ observedGeneration: 1, resources: {} });
  expect(pod?.status?.containerStatuses?.[0]).toMatchObject({
    volumeMounts: [
      {
        name: expect.stringMatching(/^kube-api-access-/),
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
        readOnly: true,
        recursiveReadOnly: 'Disabled',
      },
    ],
    user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } },
  });
});
