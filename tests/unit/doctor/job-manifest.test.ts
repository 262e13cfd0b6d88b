import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import { neededAccess, type Place } from '../../../helpers/longhorn/access/needed.ts';
import { UsageError } from '../../../scripts/command-line/usage-error.ts';
import { jobObjects, manifestYaml, type KubernetesObject } from '../../../scripts/job-manifest/manifest.ts';
import { occasionsOf, type PolicyRule } from '../../../scripts/job-manifest/rbac.ts';
import { checkRun, jobManifestHelp, parseJobRequest } from '../../../scripts/job-manifest/request.ts';
import { startCluster, type Cluster } from '../apiserver/client.ts';

const objects = (...argv: string[]): KubernetesObject[] => jobObjects(parseJobRequest(argv));

function find(all: readonly KubernetesObject[], kind: string, namespace?: string): KubernetesObject {
  const found = all.find((object) => object.kind === kind && object.metadata.namespace === namespace);
  if (found === undefined) throw new Error(`no ${kind} in ${namespace ?? 'the cluster'}`);
  return found;
}

const jobOccasions = occasionsOf({ interruption: 'replica' });

const rolePlaces: readonly { place: Place; kind: string; namespace?: string }[] = [
  { place: 'run namespace', kind: 'Role', namespace: 'v2-verifier' },
  { place: 'longhorn namespace', kind: 'Role', namespace: 'longhorn-system' },
  { place: 'cluster', kind: 'ClusterRole' },
];

for (const { place, kind, namespace } of rolePlaces) {
  test(`the ${kind} for the ${place} grants what is on the list there, verb by verb, and nothing else`, () => {
    const rules = find(objects(), kind, namespace)['rules'] as readonly PolicyRule[];
    const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group} ${resource}`)),
      ),
    );
    const wanted = neededAccess
      .filter((needed) => needed.place === place && jobOccasions.includes(needed.occasion))
      .flatMap(({ group, resource, subresource, verbs }) =>
        verbs.map((verb) => `${verb} ${group} ${[resource, subresource].filter(Boolean).join('/')}`),
      );
    expect(new Set(granted)).toEqual(new Set(wanted));
    expect(granted.filter((one) => /\*|secrets/.test(one))).toEqual([]);
  });
}

const nodeVerbs = (...argv: string[]): readonly string[] =>
  (find(objects(...argv), 'ClusterRole')['rules'] as readonly PolicyRule[]).find(
    ({ apiGroups, resources }) => apiGroups.includes('') && resources.includes('nodes'),
  )?.verbs ?? [];

test('nodes may be patched by a Job that is told to cordon one, and by no other', () => {
  expect(nodeVerbs()).toEqual(['list']);
  expect(nodeVerbs('--', '--scenario', 'interrupted-rebuild', '--interruption', 'source')).toEqual(['list']);
  expect(nodeVerbs('--', '--scenario', 'interrupted-rebuild', '--interruption', 'node')).toEqual(['list', 'patch']);
});

test('a person gets the same rules as the Job, in bindings of its own, and nothing that runs', () => {
  const all = objects('--access-for', 'user:jane@lan', '--namespace', 'verifier');
  expect(all.map(({ kind }) => kind)).toEqual([
    ...['Namespace', 'Role', 'RoleBinding', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  ]);
  const jobs = objects('--namespace', 'verifier');
  for (const [kind, namespace] of [['Role', 'verifier'], ['Role', 'longhorn-system'], ['ClusterRole']] as const) {
    expect(find(all, kind, namespace)['rules']).toEqual(find(jobs, kind, namespace)['rules']);
    expect(find(all, kind, namespace).metadata.name).not.toBe(find(jobs, kind, namespace).metadata.name);
    const subject = { kind: 'User', name: 'jane@lan', apiGroup: 'rbac.authorization.k8s.io' };
    expect(find(all, `${kind}Binding`, namespace)['subjects']).toEqual([subject]);
  }
});

interface JobSpec {
  completions?: number;
  completionMode?: string;
  template: {
    spec: {
      imagePullSecrets: unknown;
      containers: { image: string; command: string[]; volumeMounts: unknown }[];
      volumes: unknown;
    };
  };
}

test('the Job runs verify with the flags that it was given, and every pod pulls with the same secret', () => {
  const flags = ['--image', 'registry.lan/verifier:1', '--pull-secret', 'lan', '--report-claim', 'reports'];
  const all = objects(...flags, '--', '--size', '2Gi', '--seed', 'a.b');
  const { template } = find(all, 'Job', 'v2-verifier')['spec'] as JobSpec;
  const [container] = template.spec.containers;
  expect(template.spec.imagePullSecrets).toEqual([{ name: 'lan' }]);
  expect(template.spec.volumes).toEqual([{ name: 'reports', persistentVolumeClaim: { claimName: 'reports' } }]);
  expect(container?.image).toBe('registry.lan/verifier:1');
  const command = container?.command.at(-1);
  expect(command).toContain('--in-cluster --namespace v2-verifier');
  expect(command).toContain('--probe-image registry.lan/verifier:1 --pull-secret lan --size 2Gi --seed a.b');
});

const sharded = ['--shards', '3', '--report-claim', 'reports'];

test('shards are told apart by their index, share a seed and a claim, and none ends another', () => {
  const job = find(objects(...sharded), 'Job', 'v2-verifier')['spec'] as JobSpec;
  expect(job).toMatchObject({ completionMode: 'Indexed', completions: 3, parallelism: 1, backoffLimitPerIndex: 0 });
  expect(job).not.toHaveProperty('backoffLimit');
  const script = job.template.spec.containers[0]?.command.at(-1) ?? '';
  const told = (index: number): string =>
    execFileSync('sh', ['-c', script.replace('exec node', 'exec echo')], {
      encoding: 'utf8',
      env: { ...process.env, JOB_COMPLETION_INDEX: String(index), HOSTNAME: `verify-${String(index)}` },
    });
  expect([0, 2].map((index) => /--shard (\S+)/.exec(told(index))?.[1])).toEqual(['1/3', '3/3']);
  expect(told(2)).toMatch(/--seed ([0-9a-f]{8}) --out \/reports\/run-\1\/verify-2 /);
  const given = find(objects(...sharded, '--', '--seed', 'mine'), 'Job', 'v2-verifier')['spec'] as JobSpec;
  expect(given.template.spec.containers[0]?.command.at(-1)?.match(/--seed/g)).toHaveLength(1);
});

test('a reader is one pod with the claim at the place where the Job has it, and with no token', () => {
  const all = objects('--report-claim', 'reports', '--reader', '--pull-secret', 'lan');
  expect(all.map(({ kind }) => kind)).toEqual(['Pod']);
  const { spec } = find(all, 'Pod', 'v2-verifier') as unknown as { spec: JobSpec['template']['spec'] };
  const job = find(objects(...sharded), 'Job', 'v2-verifier')['spec'] as JobSpec;
  expect(spec).toMatchObject({ automountServiceAccountToken: false, imagePullSecrets: [{ name: 'lan' }] });
  expect(spec.volumes).toEqual(job.template.spec.volumes);
  expect(spec.containers[0]?.volumeMounts).toEqual(job.template.spec.containers[0]?.volumeMounts);
});

const beforehand: readonly { what: string; argv: string[]; says: RegExp }[] = [
  { what: 'a shard without a story', argv: sharded, says: /--shard 3\/3 has nothing to do: the run has 2 stories/ },
  {
    what: 'shards that leave nothing to merge',
    argv: [...sharded, '--', '--verdict-only', '--scenario', 'all'],
    says: /which --verdict-only forbids/,
  },
  { what: 'a size that verify cannot read', argv: ['--', '--size', 'big'], says: /--size wants a size/ },
];

for (const { what, argv, says } of beforehand) {
  test(`${what} is refused when the manifest is printed, not in its pod`, async () => {
    await expect(checkRun(parseJobRequest(argv))).rejects.toThrow(says);
  });
}

test('a run with a pull secret in two shards is one that verify would tell', async () => {
  await checkRun(parseJobRequest(['--shards', '2', '--report-claim', 'reports', '--pull-secret', 'lan']));
});

test('what is printed into kubectl is printed without what npm says of it', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const shown = [...readme.split('\n'), ...(jobManifestHelp.examples ?? [])];
  const piped = shown.filter((line) => /npm run .*\| kubectl/.test(line));
  expect(piped.length).toBeGreaterThan(4);
  expect(piped.filter((line) => !line.includes('npm run --silent '))).toEqual([]);
});

test('what has a meaning to a shell reaches verify as it was typed', () => {
  const { template } = find(objects('--', '--scenario=all;id'), 'Job', 'v2-verifier')['spec'] as JobSpec;
  const script = template.spec.containers[0]?.command.at(-1) ?? '';
  const told = execFileSync('sh', ['-c', script.replace('exec node', 'exec printf "<%s>"')], { encoding: 'utf8' });
  expect(told).toContain('<--scenario=all;id>');
});

const refused: readonly { what: string; argv: string[]; says: RegExp }[] = [
  { what: 'a target', argv: ['--', '--context', 'x'], says: /--context names a target/ },
  { what: 'a flag that the manifest settles', argv: ['--', '--out', '/x'], says: /--out is settled by the manifest/ },
  { what: 'a flag that verify does not know', argv: ['--', '--sizes', '2Gi'], says: /Unknown option '--sizes'/ },
  { what: "Longhorn's namespace as its own", argv: ['--namespace', 'longhorn-system'], says: /must not be Longhorn's/ },
  { what: 'an image that is no reference', argv: ['--image', 'a b'], says: /--image wants an image reference/ },
  { what: 'a person without a kind', argv: ['--access-for', 'jane'], says: /user:NAME or group:NAME, got "jane"/ },
  {
    what: 'a scene that is in the way of the next shard',
    argv: [...sharded, '--', '--keep-on-failure'],
    says: /the next of several --shards does not start/,
  },
  { what: 'shards without a claim', argv: ['--shards', '2'], says: /--shards needs --report-claim NAME/ },
  { what: 'a reader without a claim', argv: ['--reader'], says: /--reader needs --report-claim NAME/ },
  { what: 'a secret that is no name', argv: ['--pull-secret', 'A B'], says: /wants names of objects/ },
];

for (const { what, argv, says } of refused) {
  test(`${what} is refused in one line`, () => {
    expect(() => parseJobRequest(argv)).toThrow(UsageError);
    expect(() => parseJobRequest(argv)).toThrow(says);
  });
}

test.describe('an API server', () => {
  let cluster: Cluster;

  test.beforeEach(async () => {
    cluster = await startCluster();
    for (const name of ['longhorn-system', 'v2-verifier']) {
      cluster.store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
  });

  test.afterEach(async () => {
    await cluster.close();
  });

  const yaml = (): string => manifestYaml(objects(...sharded, '--pull-secret', 'lan', '--', '--size', '2Gi'));

  test('accepts every object of the manifest in a server-side dry run, and keeps none', async () => {
    const config = new KubeConfig();
    config.loadFromString(cluster.server.kubeconfig);
    const client = KubernetesObjectApi.makeApiClient(config);
    for (const document of parseAllDocuments(yaml())) {
      const object = document.toJS() as KubernetesObject;
      const accepted = await client.patch(object, undefined, 'All', 'test', true, PatchStrategy.ServerSideApply);
      expect(accepted).toMatchObject(object);
    }
    expect(cluster.store.list('jobs.batch')).toEqual([]);
    expect(cluster.store.list('clusterroles.rbac.authorization.k8s.io')).toEqual([]);
  });

  for (const mode of ['client', 'server']) {
    test(`is content with it through kubectl apply --dry-run=${mode}`, async ({}, testInfo) => {
      const kubeconfig = testInfo.outputPath('kubeconfig');
      await writeFile(kubeconfig, cluster.server.kubeconfig);
      const present = await execa('kubectl', ['version', '--client'], { reject: false });
      test.skip(present.exitCode !== 0, 'kubectl is not installed');
      const told = await execa('kubectl', ['apply', `--dry-run=${mode}`, '-f', '-'], {
        input: yaml(),
        reject: false,
        env: { KUBECONFIG: kubeconfig, KUBECACHEDIR: testInfo.outputPath('cache') },
      });
      expect(told.stderr.replace(/^Warning: resource namespaces.*\n?/m, '')).toBe('');
      expect(told.stdout.split('\n')).toHaveLength(9);
      expect(told.stdout).toMatch(/job.batch\/verify created/);
    });
  }
});
