/** A person with kubectl in front of the whole embedded cluster: Kubernetes, Longhorn and pods that run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startEmbeddedCluster } from '../../../embedded/cluster.ts';
import type { EmbeddedCluster } from '../../../embedded/cluster.ts';
import { deletions, needs, run } from '../apiserver/processes.ts';
import type { Outcome } from '../apiserver/processes.ts';
import { leftOut } from './left-out.ts';

let cluster: EmbeddedCluster;
let directory: string;
let environment: NodeJS.ProcessEnv;

const kubectl = (args: string | readonly string[], input?: string): Promise<Outcome> =>
  run('kubectl', typeof args === 'string' ? args.split(' ') : args, {
    env: environment,
    ...(input === undefined ? {} : { input }),
  });

const output = async (args: string | readonly string[], input?: string): Promise<string> => {
  const { code, stdout, stderr } = await kubectl(args, input);
  expect({ code, stderr }, String(args)).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
};

const pod = (name: string, command: string, restartPolicy = 'Always'): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'node:20-bookworm', command: ['sh', '-c', command] }],
    },
  });

const volume = (spec: Record<string, unknown> = {}): string =>
  JSON.stringify({
    apiVersion: 'longhorn.io/v1beta2',
    kind: 'Volume',
    metadata: { name: 'vol', namespace: 'longhorn-system' },
    spec: { size: '33554432', numberOfReplicas: 2, dataEngine: 'v2', frontend: 'blockdev', ...spec },
  });

test.beforeAll(async () => {
  await needs('kubectl', ['version', '--client']);
  cluster = await startEmbeddedCluster({
    longhorn: '1.11.3',
    topology: 'three-nodes',
    timeScale: 0.01,
    blockDiskBytes: 2 ** 30,
    port: 0,
    seed: 'kubectl',
  });
  directory = mkdtempSync(join(tmpdir(), 'embedded-kubectl-'));
  environment = { KUBECONFIG: cluster.kubeconfigPath, KUBECACHEDIR: join(directory, 'cache'), HOME: directory };
  await output('apply -f -', pod('shell', 'echo started; exec sleep 600'));
  await output('wait --for=condition=Ready pod/shell --timeout=20s');
});

test.afterAll(async () => {
  await (cluster as EmbeddedCluster | undefined)?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('an installation looks like one', async () => {
  const all = await output('get all -n longhorn-system');
  for (const line of [
    /deployment.apps\/longhorn-ui +2\/2/,
    /deployment.apps\/csi-attacher +3\/3/,
    /daemonset.apps\/longhorn-manager +3 +3 +3/,
  ])
    expect(all).toMatch(line);
  expect(await output('get nodes')).toMatch(/^node1 +Ready +.* v1.36.2$/m);
  expect(await output('get crd -o name')).toContain(
    'customresourcedefinition.apiextensions.k8s.io/volumes.longhorn.io\n',
  );
  expect(await output('rollout status ds/longhorn-manager -n longhorn-system')).toContain('successfully rolled out');
  expect(await output('auth can-i --list')).toMatch(/^\*\.\* +\[\] +\[\] +\[\*\]$/m);
  expect(await output('explain volumes.longhorn.io.spec.size')).toContain('FIELD: size <string>');
});

test('a Longhorn volume is applied, watched, described, refused and deleted by hand', async () => {
  const made = await kubectl('apply -f -', volume());
  expect(made.stdout).toBe('volume.longhorn.io/vol created\n');
  expect(made.stderr).toContain(
    'Warning: metadata.finalizers: "longhorn.io": prefer a domain-qualified finalizer name',
  );
  await output([
    'wait',
    '--for=jsonpath={.status.state}=detached',
    'volumes.longhorn.io/vol',
    '-n',
    'longhorn-system',
    '--timeout=20s',
  ]);
  expect(await output('get volumes.longhorn.io -n longhorn-system')).toMatch(
    /^NAME +DATA ENGINE +STATE +ROBUSTNESS +SCHEDULED +SIZE +NODE +AGE\nvol +v2 +detached +unknown +33554432 +\S+\n$/,
  );
  expect(await output('get replicas -n longhorn-system -o custom-columns=V:.spec.volumeName --no-headers')).toBe(
    'vol\nvol\n',
  );
  expect(await output('apply -f -', volume({ numberOfReplicas: 3 }))).toBe('volume.longhorn.io/vol configured\n');
  expect(await output('describe volumes.longhorn.io vol -n longhorn-system')).toMatch(/Number Of Replicas: +3\n/);
  const refused = await kubectl('apply -f -', volume({ numberOfReplicas: 99 }));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('replica count value 99 must between 1 to 20');
  const shrunk = await kubectl([
    'patch',
    'volumes.longhorn.io',
    'vol',
    '-n',
    'longhorn-system',
    '--type=merge',
    '-p',
    '{"spec":{"size":"2097152"}}',
  ]);
  expect(shrunk.stderr).toBe(
    'The request is invalid: spec.size: shrinking volume vol size from 33554432 to 2097152 is not supported\n',
  );
  expect(deletions(await output('delete volumes.longhorn.io vol -n longhorn-system --timeout=20s'))).toBe(
    'volume.longhorn.io "vol" deleted\n',
  );
  expect(await output('get replicas -n longhorn-system -o name')).toBe('');
});

test('commands run in a pod, files are copied both ways, output is followed', async () => {
  expect(await kubectl(['exec', 'shell', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toMatchObject({
    code: 7,
    stdout: 'out\n',
  });
  expect(await output('exec -i shell -- cat', 'through stdin')).toBe('through stdin');
  const up = join(directory, 'up.txt');
  const down = join(directory, 'down.txt');
  const inside = join(directory, 'inside.txt');
  writeFileSync(up, 'copied\n');
  await output(['cp', up, `shell:${inside}`]);
  await output(['cp', `shell:${inside}`, down]);
  expect(readFileSync(down, 'utf8')).toBe('copied\n');
  await output('apply -f -', pod('talker', 'for i in 1 2 3; do echo line $i; sleep 0.1; done', 'Never'));
  await output(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/talker', '--timeout=20s']);
  expect(await output('logs -f talker')).toBe('line 1\nline 2\nline 3\n');
});

test('what a running pod cannot change is refused', async () => {
  const moved = await kubectl(['patch', 'pod', 'shell', '-p', '{"spec":{"nodeName":"node3"}}']);
  expect(moved.stderr).toContain(
    'The Pod "shell" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
  );
  expect(await output(['annotate', 'pod', 'shell', 'note=x'])).toBe('pod/shell annotated\n');
});

test('workloads are created, scaled, orphaned and edited', async () => {
  await output('create deployment d --image=node:20-bookworm --replicas=2 -- sleep 600');
  expect(await output('rollout status deploy/d --timeout=20s')).toContain('successfully rolled out');
  expect(await output('scale deploy/d --replicas=1')).toBe('deployment.apps/d scaled\n');
  await output('delete deploy d --cascade=orphan');
  expect(await output('get rs -l app=d -o name')).toMatch(/^replicaset.apps\/d-\S+\n$/);
  await output('delete rs -l app=d');
  expect(await output('expose pod/shell --port=80 --selector=a=b')).toBe('service/shell exposed\n');
  const edited = await run('kubectl', ['edit', 'service', 'shell'], {
    env: { ...environment, KUBE_EDITOR: "sed -i 's/port: 80/port: 81/'" },
  });
  expect(edited.stdout).toBe('service/shell edited\n');
  expect(await output('get service shell -o jsonpath={.spec.ports[0].port}')).toBe('81');
});

for (const { what, kubectl: args, answer, reason } of leftOut) {
  test(`${what} is left out`, { annotation: { type: 'differs', description: reason } }, async () => {
    const { code, stderr } = await kubectl(args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(answer) });
  });
}
