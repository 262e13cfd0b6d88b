/**
 * A cluster that was there before the run. The one list of permissions is enough for a run, and a run needs all of it;
 * two runs do not fight; doctor tells what is the matter.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BatchV1Api, CoreV1Api, Exec, KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../embedded/cluster.ts';
import { collectEvidence } from '../../fixtures/evidence.ts';
import { scenarioNames } from '../../fixtures/scenarios.ts';
import { connect, type KubeClient } from '../../helpers/kubernetes/client.ts';
import { inCluster } from '../../helpers/kubernetes/in-cluster.ts';
import { reachOf } from '../../helpers/kubernetes/reach.ts';
import { accountDirectoryVariable } from '../../helpers/kubernetes/service-account.ts';
import { neededAccess, permissionsOf } from '../../helpers/longhorn/access/needed.ts';
import { examine, type Scene } from '../../helpers/longhorn/checks/check.ts';
import type { RunVerdict } from '../../helpers/verdict/verdict.ts';
import { supportBundles } from '../../helpers/longhorn/kinds.ts';
import { takeSupportBundle } from '../../helpers/longhorn/support-bundle.ts';
import { waitUntilGone } from '../../helpers/longhorn/sweep.ts';
import { takeLock } from '../../helpers/longhorn/lock/run-lock.ts';
import { permissionsCheck } from '../../helpers/longhorn/checks/permissions.ts';
import { jobObjects, type KubernetesObject } from '../../scripts/job-manifest/manifest.ts';
import { occasionsOf, rulesFor } from '../../scripts/job-manifest/rbac.ts';
import { parseJobRequest } from '../../scripts/job-manifest/request.ts';
import { doctorReportSchema } from '../../scripts/doctor/report.ts';
import { toolArguments } from '../../scripts/verify/child.ts';
import { runTool, toolEnvironment } from './command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const namespace = 'v2-verifier';
const longhornNamespace = 'longhorn-system';
const account = `system:serviceaccount:${namespace}:v2-verifier`;

interface Asked {
  readonly user: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

let cluster: EmbeddedCluster;
let admin: KubeConfig;
let requests: Asked[] = [];

test.beforeAll(async () => {
  cluster = await startEmbeddedCluster({
    ...{ longhorn: '1.11.3', topology: 'three-nodes', timeScale: 0.01, blockDiskBytes: 10 * 2 ** 30 },
    ...{ port: 0, seed: 'in-cluster', copyPauseMs: 40, onRequest: (record) => requests.push(record) },
  });
  admin = new KubeConfig();
  admin.loadFromFile(cluster.kubeconfigPath);
  const objects = KubernetesObjectApi.makeApiClient(admin);
  for (const object of jobObjects(parseJobRequest([]))) {
    // The Job's own image is not to be run here: what it runs is run by the test.
    const dryRun = object.kind === 'Job' ? 'All' : undefined;
    await objects.patch(object, undefined, dryRun, 'test', true, PatchStrategy.ServerSideApply);
  }
});

test.afterAll(async () => {
  await cluster.stop();
});

/** A kubeconfig as a pod of the Job has it: the service account's files, and where the API is. */
async function asServiceAccount(folder: string): Promise<{ kubeconfigPath: string; context: string }> {
  const { status } = await admin
    .makeApiClient(CoreV1Api)
    .createNamespacedServiceAccountToken({ namespace, name: 'v2-verifier', body: { spec: { audiences: [] } } });
  const mounted = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount');
  await mkdir(mounted, { recursive: true });
  const { clusters } = parse(await readFile(cluster.kubeconfigPath, 'utf8')) as {
    clusters: { cluster: { 'certificate-authority-data': string } }[];
  };
  const authority = clusters[0]?.cluster['certificate-authority-data'] ?? '';
  await writeFile(join(mounted, 'token'), status?.token ?? '');
  await writeFile(join(mounted, 'ca.crt'), Buffer.from(authority, 'base64'));
  await writeFile(join(mounted, 'namespace'), namespace);
  const { hostname, port } = new URL(cluster.url);
  const { kubeconfig, context } = inCluster({
    ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, [accountDirectoryVariable]: mounted },
  });
  const kubeconfigPath = join(folder, 'kubeconfig');
  await writeFile(kubeconfigPath, kubeconfig);
  expect(kubeconfig).not.toContain(status?.token);
  return { kubeconfigPath, context };
}

function words({ verb, group, resource, subresource, namespace: place }: Asked | Omit<Asked, 'user'>): string {
  const what = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`} ${group}`;
  // A server asks for the permission to a namespace in that namespace; what is granted is granted in the cluster.
  return `${what} in ${resource === 'namespaces' ? 'the cluster' : (place ?? 'the cluster')}`;
}

const places = { namespace, longhornNamespace };
const jobOccasions = occasionsOf({ interruption: 'replica' });
const listed = neededAccess
  .filter(({ occasion }) => jobOccasions.includes(occasion))
  .flatMap((needed) => permissionsOf(needed, places).map((permission) => ({ ...permission, needed })));

/** Applies the Job as `job-manifest` prints it, waits for its pod to end, and answers with what it said. */
async function runJob(verifyFlags: readonly string[]): Promise<{ exitCode: number | undefined; log: string }> {
  const job = jobObjects(parseJobRequest(['--', ...verifyFlags])).find(({ kind }) => kind === 'Job');
  if (job === undefined) throw new Error('the manifest has no Job');
  await KubernetesObjectApi.makeApiClient(admin).create(job);
  const core = admin.makeApiClient(CoreV1Api);
  const find = async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'job-name=verify' });
    return items[0];
  };
  const timeout = { timeout: 800_000, intervals: [1_000] };
  await expect.poll(async () => (await find())?.status?.phase, timeout).toMatch(/Succeeded|Failed/);
  const pod = await find();
  const log = await core.readNamespacedPodLog({ namespace, name: pod?.metadata?.name ?? '' });
  return { exitCode: pod?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, log };
}

test('in a pod of the Job every scenario is consistent; the pod asks for what is on the list only, and for all of it', async ({}, testInfo) => {
  requests = [];
  const { exitCode, log } = await runJob([
    '--scenario',
    'all',
    '--size',
    '16Mi',
    '--image',
    'raw',
    '--reads',
    '1',
    '--verdict-only',
  ]);
  expect(exitCode, log).toBe(0);
  expect(log).toContain('target context in-cluster');
  expect(log, 'every scenario, on one image format').toContain(`${String(scenarioNames().length)} passed`);
  const leaseCalls = requests.filter(
    ({ resource, verb }) => resource === 'leases' && ['create', 'delete'].includes(verb),
  );
  expect(
    leaseCalls.map(({ verb }) => verb),
    'one lock, from the first story to the last',
  ).toEqual(['create', 'delete']);

  const { kubeconfigPath, context } = await asServiceAccount(testInfo.outputPath('pod'));
  const client = connect({ kubeconfigPath, context, signal: new AbortController().signal });
  const directory = testInfo.outputPath('evidence');
  const evidence = await collectEvidence({ client, namespace, longhornNamespace, directory, sinceSeconds: 600 });
  expect(evidence.filter((file) => file.endsWith('.unavailable'))).toEqual([]);
  const file = testInfo.outputPath('bundle.zip');
  const bundle = await takeSupportBundle({ ...bundleRequest, client, file });
  expect(bundle).toEqual({ kind: 'saved', sizeBytes: (await stat(file)).size });
  expect((await readFile(file)).subarray(0, 4).toString(), 'an archive').toBe('PK\x03\x04');
  expect((await client.list(supportBundles, { namespace: longhornNamespace })).items).toEqual([]);

  // Reviews of oneself are open to everybody.
  const asked = requests.filter(({ user, group }) => user === account && group !== 'authorization.k8s.io');
  const seen = new Set(asked.map(words));
  const known = new Set(listed.map(words));
  expect([...seen].filter((one) => !known.has(one))).toEqual([]);
  expect([...seen].filter((one) => one.includes('secrets'))).toEqual([]);

  // A wait that is met by its first list needs no watch.
  const unused = listed.filter((entry) => {
    const used = seen.has(words(entry)) || (entry.verb === 'watch' && seen.has(words({ ...entry, verb: 'list' })));
    // A run that ends before the first renewal of its lock renews nothing.
    const renewal = entry.resource === 'leases' && entry.verb === 'patch';
    return !used && !renewal && entry.needed.occasion !== 'broken connection';
  });
  expect(unused.map(words)).toEqual([]);
});

test('in the pods of an indexed Job each tells its shard, one after another, and their parts are merged into one verdict', async ({}, testInfo) => {
  requests = [];
  const objects = KubernetesObjectApi.makeApiClient(admin);
  for (const object of reportClaim) await objects.create(object);
  const flags = ['--shards', '2', '--report-claim', 'reports', '--', '--seed', 'shards'];
  const run = parseJobRequest([...flags, '--size', '16Mi', '--image-size', '8Mi', '--reads', '1']);
  // The Job of the other test has the name as well.
  const batch = admin.makeApiClient(BatchV1Api);
  await batch
    .deleteNamespacedJob({ namespace, name: 'verify', propagationPolicy: 'Background' })
    .catch(() => undefined);
  const gone = async () => (await batch.listNamespacedJob({ namespace })).items.length;
  await expect.poll(gone, { timeout: 60_000 }).toBe(0);
  for (const object of jobObjects(run)) {
    await objects.patch(object, undefined, undefined, 'test', true, PatchStrategy.ServerSideApply);
  }
  const job = async () => (await batch.readNamespacedJob({ namespace, name: 'verify' })).status;
  const ended = async () => (await job())?.conditions?.at(-1)?.type;
  await expect.poll(ended, { timeout: 600_000, intervals: [1_000] }).toMatch(/^(Complete|Failed)$/);
  const core = admin.makeApiClient(CoreV1Api);
  const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'job-name=verify' });
  const logs = items.map(({ metadata }) => core.readNamespacedPodLog({ namespace, name: metadata?.name ?? '' }));
  expect(await job(), (await Promise.all(logs)).join('\n')).toMatchObject({ succeeded: 2, completedIndexes: '0,1' });
  const leases = requests.filter(({ resource, verb }) => resource === 'leases' && /create|delete/.test(verb));
  expect(leases.map(({ verb }) => verb)).toEqual(['create', 'delete', 'create', 'delete']);

  for (const object of jobObjects(parseJobRequest(['--report-claim', 'reports', '--reader']))) {
    await objects.create(object);
  }
  const parts = testInfo.outputPath('parts');
  await copyOut('/reports', parts);
  const folders = ['verify-0', 'verify-1'].map((name) => join(parts, 'run-shards', name));
  const outDir = testInfo.outputPath('merged');
  const argv = toolArguments('merge', [...folders, '--out', outDir]);
  const merge = await execa(process.execPath, argv, { reject: false, env: toolEnvironment(), extendEnv: false });
  expect(merge.exitCode, merge.stdout + merge.stderr).toBe(0);
  const { verdicts } = JSON.parse(await readFile(join(outDir, 'verdict.json'), 'utf8')) as RunVerdict;
  expect(verdicts.map(({ image, seed, target }) => [image, seed, target])).toEqual([
    ['raw', 'shards', 'in-cluster'],
    ['qcow2', 'shards', 'in-cluster'],
  ]);
  expect(await readFile(join(outDir, 'junit.xml'), 'utf8')).toMatch(/raw backing image[^]*qcow2 backing image/);
});

const capacity = { storage: '1Gi' };
/** A claim as a user of a bare cluster makes one: nothing provisions it, and one node at a time may mount it. */
const reportClaim: readonly KubernetesObject[] = [
  {
    ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'reports', labels: {} } },
    spec: { capacity, accessModes: ['ReadWriteOnce'], storageClassName: 'by-hand', hostPath: { path: '/srv/reports' } },
  },
  {
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'reports', namespace, labels: {} } },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'by-hand', resources: { requests: capacity } },
  },
];

/** As the README does it with kubectl: tar in the reader's pod, tar here. */
async function copyOut(from: string, to: string): Promise<void> {
  const core = admin.makeApiClient(CoreV1Api);
  const ready = async () =>
    (await core.readNamespacedPod({ namespace, name: 'reports' })).status?.containerStatuses?.[0]?.ready;
  await expect.poll(ready, { timeout: 60_000 }).toBe(true);
  await mkdir(to);
  const unpack = execa('tar', ['-x', '-C', to]);
  const command = ['tar', '-C', from, '-cf', '-', '.'];
  const ended = new Promise((resolve) => {
    const { stdin } = unpack;
    void new Exec(admin).exec(
      namespace,
      'reports',
      'reports',
      command,
      stdin,
      process.stderr,
      null,
      false,
      ({ status }) => {
        stdin.end();
        resolve(status);
      },
    );
  });
  expect(await ended).toBe('Success');
  await unpack;
}

const bundleRequest = {
  ...{ longhornNamespace, runId: 'bundles', name: 'v2-verifier-bundles', description: 'a test' },
  ...{ limitBytes: 2 ** 20, timeoutMs: 30_000 },
} as const;

test('a support bundle over the limit is not fetched, and one of somebody else is not replaced', async ({}, testInfo) => {
  const client = connect({ ...adminContext(), signal: new AbortController().signal });
  const request = { ...bundleRequest, client, file: testInfo.outputPath('bundle.zip') };
  const large = await takeSupportBundle({ ...request, limitBytes: 10 });
  expect(large).toEqual({ kind: 'over limit', sizeBytes: expect.any(Number) });
  expect(existsSync(request.file)).toBe(false);
  expect((await client.list(supportBundles, { namespace: longhornNamespace })).items).toEqual([]);

  const metadata = { name: 'theirs', namespace: longhornNamespace };
  const theirs = await client.createOwned(supportBundles, 'others', { metadata, spec: { description: 'theirs' } });
  const other = await takeSupportBundle(request);
  expect(other).toMatchObject({ kind: 'not taken', why: expect.stringContaining('theirs of somebody else is there') });
  expect((await client.get(supportBundles, metadata)).metadata.deletionTimestamp).toBeUndefined();
  await client.delete(theirs);
  await waitUntilGone(client, theirs, 30_000);
});

test('a permission that is missing is named with what it is for, and with what to type', async ({}, testInfo) => {
  const { kubeconfigPath, context } = await asServiceAccount(testInfo.outputPath('pod'));
  const client: KubeClient = connect({ kubeconfigPath, context, signal: new AbortController().signal });
  const scene: Scene = {
    ...{ client, ...places, replicaCount: 2, runId: 'none', reach: reachOf(adminContext()) },
    environment: () => Promise.reject(new Error('not asked for')),
  };
  expect(await examine(scene, [permissionsCheck])).toMatchObject([{ state: 'ok' }]);

  const role = jobObjects(parseJobRequest([])).find(
    ({ kind, metadata }) => kind === 'Role' && metadata.namespace === longhornNamespace,
  );
  if (role === undefined) throw new Error('the manifest has no Role in the Longhorn namespace');
  const rules = rulesFor('longhorn namespace', jobOccasions).filter(({ resources }) => !resources.includes('replicas'));
  const lessened: KubernetesObject = { ...role, rules };
  const objects = KubernetesObjectApi.makeApiClient(admin);
  await objects.patch(lessened, undefined, undefined, 'test', true, PatchStrategy.ServerSideApply);

  const [result] = await examine(scene, [permissionsCheck]);
  expect(result).toMatchObject({
    state: 'missing',
    remedy: [expect.stringContaining('--access-for user:NAME --namespace v2-verifier ')],
  });
  expect(result?.seen).toMatch(
    /: watch patch delete replicas\.longhorn\.io in longhorn-system \(the deletion that starts a rebuild\)$/,
  );
});

test('doctor finds the cluster fit, as one JSON document that its schema describes', async () => {
  const { exitCode, stdout } = await doctor('--json', '--pull-timeout', '120');
  const report = doctorReportSchema.parse(JSON.parse(stdout));
  expect(report.checks.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(report.checks.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['permissions', 'probe-image', 'csi-driver']),
  );
  expect({ exitCode, possible: report.verdictPossible }).toEqual({ exitCode: 0, possible: true });
});

test('while another run holds the cluster, verify is inconclusive and names it, and doctor says so', async () => {
  const client = connect({ ...adminContext(), signal: new AbortController().signal });
  const silent = (): void => undefined;
  const options = { client, renewingClient: client, longhornNamespace, runId: 'other', member: 'raw', waitMs: 0 };
  const locking = await takeLock({ ...options, onWait: silent, onLost: silent });
  if (locking.state !== 'held') throw new Error('the lock is not free');
  try {
    const { context, kubeconfigPath } = adminContext();
    const flags = ['--context', context, '--kubeconfig', kubeconfigPath, '--lock-timeout', '0'];
    const result = await runTool('verify', [...flags, '--size', '64Mi', '--image', 'raw']);
    expect(result.exitCode).toBe(2);
    expect(result.stdout.replace(/\s+/g, ' ')).toMatch(
      /Premise not met: no other run holds the cluster: run other on \S+/,
    );
    const seen = await doctor('--pull-timeout', '0');
    expect(seen.stdout).toMatch(/missing +no other run holds the cluster +run other on \S+ holds the lock/);
  } finally {
    await locking.lock.release(client);
  }
});

test('doctor tells what to type when the API does not answer, and asks nothing else', async ({}, testInfo) => {
  const kubeconfig = testInfo.outputPath('kubeconfig');
  const text = await readFile(cluster.kubeconfigPath, 'utf8');
  await writeFile(kubeconfig, text.replace(cluster.url, 'https://127.0.0.1:1'));
  const { exitCode, stdout } = await doctor('--kubeconfig', kubeconfig);
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/missing +the Kubernetes API answers .*(ECONNREFUSED|no answer within)/);
  expect(stdout).toContain(`kubectl --context embedded --kubeconfig ${kubeconfig} get --raw /version`);
  expect(stdout).toMatch(/unknown +\d+ other checks, not looked at: the API does not answer: permissions, longhorn,/);
  expect(stdout).toContain('No verdict is possible: api.');
});

test('doctor holds nothing to the contract where there is no Longhorn, and says so', async () => {
  const { exitCode, stdout } = await doctor('--longhorn-namespace', 'nowhere', '--contract', '--pull-timeout', '0');
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/not checked +every promise\s+→ there is no namespace nowhere/);
  expect(stdout).toContain('No verdict is possible: longhorn.');
});

function adminContext(): { context: string; kubeconfigPath: string } {
  return { context: cluster.context, kubeconfigPath: cluster.kubeconfigPath };
}

async function doctor(...flags: string[]): Promise<{ exitCode: number; stdout: string }> {
  const target = flags.includes('--kubeconfig') ? [] : ['--kubeconfig', cluster.kubeconfigPath];
  const { exitCode, stdout } = await execa(
    process.execPath,
    ['--import', 'tsx', 'scripts/doctor.ts', '--context', cluster.context, ...target, ...flags],
    { cwd: root, reject: false, env: toolEnvironment(), extendEnv: false },
  );
  return { exitCode: exitCode ?? -1, stdout };
}
