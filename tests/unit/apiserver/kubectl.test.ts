import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startCluster } from './client.ts';
import type { Cluster } from './client.ts';
import { addPod, fakePods } from './fake-pods.ts';
import { gadget, gadgetName, gadgets } from './gadgets.ts';
import { deletions, needs, run } from './processes.ts';
import type { Outcome } from './processes.ts';

let cluster: Cluster;
let directory: string;
let environment: NodeJS.ProcessEnv;

const kubectl = (args: string, input?: string): Promise<Outcome> =>
  run('kubectl', args.split(' '), { env: environment, ...(input === undefined ? {} : { input }) });

test.beforeAll(async () => {
  cluster = await startCluster({ customResources: [gadgets], backend: fakePods });
  addPod(cluster.store, 'ex');
  directory = mkdtempSync(join(tmpdir(), 'apiserver-test-'));
  writeFileSync(join(directory, 'kubeconfig'), cluster.server.kubeconfig);
  writeFileSync(join(directory, 'ca.pem'), cluster.server.authority);
  environment = { KUBECONFIG: join(directory, 'kubeconfig'), KUBECACHEDIR: join(directory, 'cache'), HOME: directory };
});

test.afterAll(async () => {
  await cluster.close();
  rmSync(directory, { recursive: true, force: true });
});

test.describe('kubectl', () => {
  test.beforeEach(() => needs('kubectl', ['version', '--client']));

  test('prints objects as tables, wide, as YAML and by path', async () => {
    expect((await kubectl('get pods')).stdout).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE\nex +1\/1 +Running +0 +\d+s\n$/,
    );
    expect((await kubectl('get pods -o wide')).stdout).toMatch(/NODE +NOMINATED NODE +READINESS GATES\n.* node2 /);
    expect((await kubectl('get pod ex -o jsonpath={.spec.nodeName}')).stdout).toBe('node2');
    expect((await kubectl('get ns kube-system -o yaml')).stdout).toContain('kubernetes.io/metadata.name: kube-system');
    cluster.store.create(gadgetName, gadget('one', { size: '7' }));
    expect((await kubectl('get gd')).stdout).toMatch(/^NAME +SIZE +READY +AGE\none +7 +\d+s\n$/);
    expect((await kubectl('get all')).stdout).toContain('service/kubernetes');
  });

  test('creates, applies, edits and deletes', async () => {
    expect((await kubectl('create configmap made --from-literal=a=b')).stdout).toBe('configmap/made created\n');
    const manifest = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {k: ${value}}\n`;
    expect((await kubectl('apply -f -', manifest('one'))).stdout).toBe('configmap/applied created\n');
    expect((await kubectl('apply -f -', manifest('one'))).stdout).toBe('configmap/applied unchanged\n');
    expect((await kubectl('apply -f -', manifest('two'))).stdout).toBe('configmap/applied configured\n');
    expect((await kubectl('diff -f -', manifest('two'))).code).toBe(0);
    expect((await kubectl('label configmap applied x=y')).stdout).toBe('configmap/applied labeled\n');
    const serverSide = await kubectl('apply --server-side --field-manager=other -f -', manifest('three'));
    expect(serverSide.code).toBe(1);
    expect(serverSide.stderr).toContain('Apply failed with 1 conflict');
    expect(
      (await kubectl('apply --server-side --force-conflicts --field-manager=other -f -', manifest('three'))).code,
    ).toBe(0);
    expect((await kubectl('get configmap applied -o jsonpath={.data.k}')).stdout).toBe('three');
    expect(deletions((await kubectl('delete configmap made applied')).stdout)).toBe(
      'configmap "made" deleted\nconfigmap "applied" deleted\n',
    );
  });

  test('patches of each type and a refused field', async () => {
    await kubectl('create configmap patched --from-literal=a=b');
    expect((await kubectl('patch configmap patched --type=merge -p {"data":{"a":"c"}}')).code).toBe(0);
    expect(
      (await kubectl('patch configmap patched --type=json -p [{"op":"add","path":"/data/d","value":"e"}]')).code,
    ).toBe(0);
    expect((await kubectl('patch configmap patched -p {"data":{"f":"g"}}')).code).toBe(0);
    expect((await kubectl('get configmap patched -o jsonpath={.data}')).stdout).toBe('{"a":"c","d":"e","f":"g"}');
    const bad = await kubectl('apply -f -', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndatas: {}\n');
    expect(bad.stderr).toContain('strict decoding error: unknown field "datas"');
  });

  test('waits for conditions and for deletion', async () => {
    const ref = { resource: gadgetName, namespace: 'default', name: 'waited' };
    cluster.store.create(gadgetName, gadget('waited'));
    const ready = kubectl('wait --for=condition=Ready gadget/waited --timeout=10s');
    cluster.store.mutate(ref, (draft) => (draft.status = { conditions: [{ type: 'Ready', status: 'True' }] }), {
      subresource: 'status',
    });
    expect((await ready).stdout).toBe('gadget.example.com/waited condition met\n');
    cluster.store.mutate(ref, (draft) => (draft.metadata.finalizers = ['example.com/hold']));
    const gone = kubectl('delete gadget waited --timeout=10s');
    const marked = new Promise<void>((resolve) => {
      cluster.store.watch(gadgetName, ({ object }) => {
        if (object.metadata.name === 'waited' && object.metadata.deletionTimestamp !== undefined) resolve();
      });
    });
    await marked;
    cluster.store.mutate(ref, (draft) => delete draft.metadata.finalizers);
    expect((await gone).code).toBe(0);
  });

  test('watches print changes as they come', async () => {
    const child = spawn('kubectl', ['get', 'configmaps', '-n', 'kube-public', '-w', '-o', 'name'], {
      env: { ...process.env, ...environment },
    });
    let output = '';
    const seen = (text: string): Promise<void> =>
      new Promise((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString('utf8');
          if (output.includes(text)) resolve();
        });
      });
    await seen('kube-root-ca.crt');
    const added = seen('configmap/late');
    cluster.store.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'late', namespace: 'kube-public' },
    });
    await added;
    child.kill();
  });

  test('executes with input, output and exit codes, copies logs', async () => {
    expect(await kubectl('exec ex -- echo hello')).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect((await kubectl('exec -i ex -- cat', 'through stdin')).stdout).toBe('through stdin');
    const failed = await kubectl('exec ex -- echo before');
    expect(failed).toMatchObject({ code: 3, stdout: 'before\n', stderr: 'command terminated with exit code 3\n' });
    expect((await kubectl('logs ex --tail=1')).stdout).toBe('second line\n');
  });

  test('explains kinds, describes objects, lists resources and permissions', async () => {
    expect((await kubectl('explain pod.spec.nodeName')).stdout).toContain('FIELD: nodeName <string>');
    expect((await kubectl('explain gadget.spec.size')).stdout).toContain('FIELD: size <string>');
    expect((await kubectl('describe pod ex')).stdout).toContain('Node:             node2/');
    expect((await kubectl('api-resources --api-group=example.com')).stdout).toMatch(
      /gadgets +gd +example.com\/v1 +true +Gadget/,
    );
    expect((await kubectl('auth can-i delete pods')).stdout).toBe('yes\n');
    expect((await kubectl('version')).stdout).toContain('Server Version: v1.36.2');
    expect((await kubectl('get events')).code).toBe(0);
  });

  test('typed creations, which kubectl sends in protobuf, are understood', async () => {
    expect((await kubectl('create namespace typed')).stdout).toBe('namespace/typed created\n');
    expect((await kubectl('create secret generic s --from-literal=a=b -n typed')).code).toBe(0);
    expect((await kubectl('get secret s -n typed -o jsonpath={.data.a}')).stdout).toBe(
      Buffer.from('b').toString('base64'),
    );
    expect((await kubectl('create deployment d --image=nginx:1 --replicas=2 -n typed')).code).toBe(0);
    expect((await kubectl('scale deployment d --replicas=3 -n typed')).stdout).toBe('deployment.apps/d scaled\n');
    expect(
      (
        await kubectl(
          'get deployment d -n typed -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}',
        )
      ).stdout,
    ).toBe('3/nginx:1');
    expect((await kubectl('create role r --verb=get --resource=pods -n typed')).code).toBe(0);
    expect((await kubectl('delete namespace typed --timeout=10s')).code).toBe(0);
  });
});

test("curl trusts the server by the kubeconfig's authority alone", async () => {
  await needs('curl', ['--version']);
  const trusted = await run('curl', [
    '-sS',
    '--cacert',
    join(directory, 'ca.pem'),
    '-H',
    `Authorization: Bearer ${cluster.server.token}`,
    `${cluster.server.url}/api/v1/namespaces/default`,
  ]);
  expect(JSON.parse(trusted.stdout)).toMatchObject({ kind: 'Namespace', metadata: { name: 'default' } });
  expect(trusted.stdout).toContain('\n  "metadata": {\n');
  const long = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'long', namespace: 'kube-public' },
    data: { k: 'x'.repeat(200_000) },
  };
  cluster.store.create('configmaps', long);
  const compressed = await run('curl', [
    '-sS',
    '--compressed',
    '-D',
    '-',
    '--cacert',
    join(directory, 'ca.pem'),
    '-H',
    `Authorization: Bearer ${cluster.server.token}`,
    `${cluster.server.url}/api/v1/namespaces/kube-public/configmaps/long`,
  ]);
  expect(compressed.stdout).toMatch(/^content-encoding: gzip\r$/im);
  expect(compressed.stdout).toContain('x'.repeat(1000));
  const distrusted = await run('curl', ['-sS', `${cluster.server.url}/version`]);
  expect(distrusted.code).toBe(60);
});
