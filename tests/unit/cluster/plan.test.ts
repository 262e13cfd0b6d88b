import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { imageReferences, installableVersions } from '../../../scripts/cluster/longhorn/releases.ts';
import { commandLine, downScript, upScript } from '../../../scripts/cluster/plan/script.ts';
import { actionsOf, commandsOf, planned, undoActionsOf, writtenText } from './requests.ts';

/** Command lines that differ in everything that a plan can differ in. */
const optionSets = [
  '--longhorn 1.8.0',
  '--longhorn 1.11.3 --single-node --disk-size 2Gi',
  '--longhorn 1.9.0-rc2 --nodes 2 --name lab',
  '--longhorn 1.10.2 --nodes 1 --registry registry.lab:5000/mirror --pull-secret pull --node-image lab/node:1 --image-archive /images.tar',
  '--longhorn 1.8.1 --provider existing --context lab --block-disks a=/dev/sdb,b=0000:00:1e.0 --kubeconfig /lab.yaml',
  '--longhorn 1.12.1 --provider existing --context lab --single-node --chart /charts/longhorn',
];

for (const flags of optionSets) {
  test.describe(flags, () => {
    const { plan } = planned(flags);

    test('nothing of the plan names a moving image tag', () => {
      const images = JSON.stringify(actionsOf(plan)).match(/\b[\w.-]+:[\w.-]*(head|latest|master|main)\b/g) ?? [];
      expect(images).toEqual([]);
    });

    test('whatever is made has an undo, or goes with something that has one', () => {
      const undoable = new Set(plan.steps.filter(({ undo }) => undo.kind === 'actions').map(({ id }) => id));
      const makers = plan.steps.filter(
        ({ does }) => does.kind === 'actions' && does.actions.some(({ kind }) => kind !== 'wait'),
      );
      const without = makers.filter(({ id, undo }) => !undoable.has(undo.kind === 'with' ? undo.step : id));
      // An image that the person named is theirs: it is pulled, and left.
      expect(
        without.map(({ id }) => id).filter((id) => !(id === 'node-image' && flags.includes('--node-image'))),
      ).toEqual([]);
    });

    test('no command takes root by itself', () => {
      const programs = [
        ...commandsOf(plan),
        ...undoActionsOf(plan).map((action) => (action.kind === 'command' ? action.argv : [])),
      ];
      expect(
        programs.filter((argv) => argv.includes('sudo') || ['modprobe', 'sysctl', 'losetup'].includes(argv[0] ?? '')),
      ).toEqual([]);
    });

    test('steps have names of their own, and what is left to a person comes before anything is made', () => {
      const ids = plan.steps.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      // The namespace of the secret is in a cluster that may have to be made first.
      const steps = plan.steps.filter(({ id }) => id !== 'pull-secret');
      const kinds = steps.map(({ does }) => (does.kind === 'person' ? 'p' : 'a')).join('');
      expect(kinds).toMatch(/^p+a+p?$/);
    });

    test('the dry runs of up and down are scripts that a shell can read, with every command in order', async () => {
      const script = upScript(plan);
      let position = 0;
      for (const argv of commandsOf(plan)) {
        const at = script.indexOf(`\n${commandLine(argv)}`, position);
        expect(at, argv.join(' ')).toBeGreaterThan(position);
        position = at;
      }
      for (const text of [script, downScript('removing', [...plan.steps].reverse())]) {
        const { exitCode, stderr } = await execa('bash', ['-n'], { input: text, reject: false });
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      }
    });

    test('every wait of the script is a command that a shell can try again', () => {
      const waits = [...actionsOf(plan), ...undoActionsOf(plan)].flatMap((action) =>
        action.kind === 'wait' ? [action.condition] : [],
      );
      expect(waits.length).toBeGreaterThan(0);
      for (const { what, shell = '' } of waits) expect(shell, what).toMatch(/\bkubectl\b.* --context /);
    });

    test("every kubectl and helm command names the cluster's context", () => {
      const { request } = planned(flags);
      const named = commandsOf(plan).filter(([program]) => program === 'kubectl' || program === 'helm');
      expect(named.length).toBeGreaterThan(0);
      for (const argv of named) expect(argv.join(' ')).toMatch(new RegExp(`--(kube-)?context ${request.context}( |$)`));
    });
  });
}

test('every release is installed with all of its images by fixed tags, its own by its own number', () => {
  for (const version of installableVersions) {
    const values = parse(writtenText(planned(`--longhorn ${version}`).plan, 'longhorn-values.yaml')) as {
      image: Record<string, Record<string, { repository: string; tag: string }>>;
    };
    const images = Object.values(values.image).flatMap((group) => Object.values(group));
    const references = images.map(({ repository, tag }) => `docker.io/${repository}:${tag}`);
    expect(references).toEqual(imageReferences(version, undefined));
    const own = images.filter(({ repository }) => /longhornio\/(longhorn-|backing-image)/.test(repository));
    expect(own.map(({ tag }) => tag)).toEqual(Array.from({ length: 6 }, () => `v${version}`));
    for (const { tag } of images) expect(tag).toMatch(/^v\d+\.\d+\.\d+(-rc\d+|-\d{8})?$/);
  }
});

test('a release comes from the chart repository by its version, a candidate from the sources by its tag', () => {
  const helm = (flags: string): string =>
    commandsOf(planned(flags).plan)
      .find(([program]) => program === 'helm')
      ?.join(' ') ?? '';
  expect(helm('--longhorn 1.8.0')).toContain('longhorn --repo https://charts.longhorn.io --version 1.8.0 ');
  expect(helm('--longhorn 1.9.0-rc2')).toContain(' /state/v2-verifier/longhorn-source/chart ');
  const clone = commandsOf(planned('--longhorn 1.9.0-rc2').plan).find(([program]) => program === 'git');
  expect(clone?.join(' ')).toContain('--branch v1.9.0-rc2 https://github.com/longhorn/longhorn ');
});

test('a default setting of the chart is a string or a boolean: the chart of 1.10.0 fails on a number', () => {
  const values = parse(writtenText(planned('--longhorn 1.10.0').plan, 'longhorn-values.yaml')) as {
    defaultSettings: Record<string, unknown>;
  };
  const settings = Object.entries(values.defaultSettings);
  expect(settings.length).toBeGreaterThan(0);
  for (const [name, value] of settings) expect(['string', 'boolean'], name).toContain(typeof value);
});

test('a registry is under every name that charts have had for it, and before every image that is listed', () => {
  const { plan, request } = planned('--longhorn 1.11.0 --registry registry.lab:5000/mirror/ --pull-secret pull');
  const values = parse(writtenText(plan, 'longhorn-values.yaml')) as Record<string, unknown>;
  const prefix = 'registry.lab:5000/mirror';
  expect(values['global']).toEqual({ imageRegistry: prefix, cattle: { systemDefaultRegistry: prefix } });
  expect(values['privateRegistry']).toEqual({ registrySecret: 'pull' });
  const listed = imageReferences('1.11.0', request.registry);
  expect(listed.filter((image) => image.startsWith(`${prefix}/longhornio/`))).toHaveLength(listed.length);
});

test.describe('Kind', () => {
  interface KindConfig {
    readonly nodes: readonly { role: string; extraMounts?: readonly Readonly<Record<string, unknown>>[] }[];
  }
  const config = (flags: string): KindConfig => parse(writtenText(planned(flags).plan, 'kind.yaml')) as KindConfig;

  test('every node with Longhorn sees the devices of the host; none gets a mount that Kind makes itself', () => {
    const { nodes } = config('--longhorn 1.8.0 --nodes 3');
    expect(nodes.map(({ role }) => role)).toEqual(['control-plane', 'worker', 'worker', 'worker']);
    for (const { role, extraMounts = [] } of nodes) {
      // Exactly these fields: docker refuses a mount with propagation where the host's /dev is private.
      expect(extraMounts).toEqual(role === 'worker' ? [{ hostPath: '/dev', containerPath: '/dev' }] : []);
    }
  });

  test("a node of a machine with two CPUs has room for the control plane and Longhorn's instance managers", () => {
    // By the kubeadm manifests and kindnet; 12 % of a node is Longhorn's default for each manager that says nothing.
    const controlPlaneMillicpu = 250 + 200 + 100 + 100 + 2 * 100 + 100;
    for (const version of installableVersions.filter((one) => !one.startsWith('1.8.'))) {
      const { plan } = planned(`--longhorn ${version} --single-node`);
      const values = parse(writtenText(plan, 'longhorn-values.yaml')) as { defaultSettings: Record<string, string> };
      const { guaranteedInstanceManagerCPU: v1Percent = '12', v2DataEngineGuaranteedInstanceManagerCPU: v2Millicpu } =
        values.defaultSettings;
      const v2Default = /^1\.[89]\./.test(version) ? 1250 : 0.12 * 2000;
      const wanted = controlPlaneMillicpu + (Number(v1Percent) / 100) * 2000 + Number(v2Millicpu ?? v2Default);
      expect(wanted, version).toBeLessThanOrEqual(2000);
    }
  });

  test('every disk that a node gets is a link that some loop device has been made for', () => {
    for (const flags of ['--longhorn 1.8.0 --nodes 4', '--longhorn 1.9.0 --single-node']) {
      const commands = commandsOf(planned(flags).plan);
      const made = commands.flatMap((argv) => /ln -sfn \S+ (\/dev\/\S+)/.exec(argv.at(-1) ?? '')?.[1] ?? []);
      const patches = commands.filter((argv) => argv.includes('nodes.longhorn.io')).map((argv) => argv.at(-1) ?? '');
      const added = patches.flatMap((patch) => [...patch.matchAll(/"path":"([^"]+)"/g)].map((match) => match[1] ?? ''));
      expect(added).toEqual(made);
      expect(new Set(added).size).toBe(flags.includes('single') ? 3 : 4);
    }
  });

  test('a single node has three block disks, and its replicas may share it', () => {
    expect(config('--longhorn 1.9.0 --single-node').nodes.map(({ role }) => role)).toEqual(['control-plane']);
    const patches = commandsOf(planned('--longhorn 1.9.0 --single-node').plan).filter((argv) => argv.includes('patch'));
    expect(patches.map((argv) => argv.slice(5, 8).join(' '))).toEqual([
      'patch settings.longhorn.io v2-data-engine',
      'patch settings.longhorn.io replica-soft-anti-affinity',
      'patch nodes.longhorn.io v2-verifier-control-plane',
    ]);
  });

  test('huge pages are asked for once per node, because all nodes share one pool', () => {
    const asked = (flags: string): string =>
      planned(flags)
        .plan.steps.flatMap(({ does }) => (does.kind === 'person' && does.as === 'root' ? does.commands : []))
        .join('\n');
    expect(asked('--longhorn 1.8.0 --nodes 3')).toContain('sysctl -w vm.nr_hugepages=3072');
    expect(asked('--longhorn 1.9.0 --single-node')).toContain('sysctl -w vm.nr_hugepages=1024');
  });
});

test('an existing cluster is changed through its API alone: no docker, no Kind, no device of this machine', () => {
  const programs = commandsOf(
    planned('--longhorn 1.8.1 --provider existing --context lab --block-disks a=/dev/sdb').plan,
  ).map(([program]) => program);
  expect([...new Set(programs)].sort()).toEqual(['helm', 'kubectl']);
});
