import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { hugePagesPerNode, kernelModules } from '../../../scripts/cluster/host/kernel.ts';
import { parseInstallableVersion } from '../../../scripts/cluster/longhorn/releases.ts';
import { toolEnvironment } from '../../meta/command.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const githubFolder = '.github/workflows';
const githubFiles = readdirSync(join(root, githubFolder)).map((name) => `${githubFolder}/${name}`);
const gitlabFile = '.gitlab/verify-longhorn.yml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly 'runs-on': string;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
}

interface Workflow {
  readonly on: { readonly workflow_dispatch?: { readonly inputs: Readonly<Record<string, { default: unknown }>> } };
  readonly jobs: Readonly<Record<string, Job>>;
}

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const workflow = (file: string): Workflow => parse(text(file)) as Workflow;
const jobsOf = (file: string): readonly Job[] => Object.values(workflow(file).jobs);

/** The shell of every step, with GitHub's expressions replaced by a word. */
function scriptsOf(file: string): string[] {
  if (file === gitlabFile) {
    const jobs = Object.values(parse(text(file)) as Record<string, { script?: string[]; before_script?: string[] }>);
    return jobs.flatMap((job) => [...(job.before_script ?? []), ...(job.script ?? [])]);
  }
  const runs = jobsOf(file).flatMap(({ steps }) => steps.flatMap(({ run }) => (run === undefined ? [] : [run])));
  return runs.map((run) => run.replaceAll(/\$\{\{.*?\}\}/g, 'EXPRESSION'));
}

const files = [...githubFiles, gitlabFile];

for (const file of files) {
  test(`${file}: every shell line can be read by a shell`, async () => {
    for (const script of scriptsOf(file)) {
      const { exitCode, stderr } = await execa('bash', ['-n'], { input: script, reject: false });
      expect({ exitCode, stderr }, script).toEqual({ exitCode: 0, stderr: '' });
    }
  });

  test(`${file}: no image, runner or release moves`, () => {
    expect(text(file)).not.toMatch(/[:\-@](latest|head|master|main)\b(?!\])/);
  });
}

test('every npm script that a workflow or example runs exists, and knows every flag that it is given', async () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  const calls = files.flatMap(scriptsOf).flatMap((script) =>
    [...script.matchAll(/npm run (?:--silent )?([\w:]+)(?: --((?: .*)?))?$/gm)].map(([, name = '', rest = '']) => ({
      name,
      flags: [...rest.matchAll(/ --([\w-]+)/g)].map(([, flag]) => flag ?? ''),
    })),
  );
  const names = [...new Set(calls.map(({ name }) => name))];
  expect(names.sort()).toEqual(['cluster:down', 'cluster:up', 'doctor', 'verify']);
  for (const name of names) {
    expect(Object.keys(scripts)).toContain(name);
    const program = (scripts[name] ?? '').split(' ').at(-1) ?? '';
    const options = { cwd: root, env: toolEnvironment(), extendEnv: false };
    const { stdout } = await execa(process.execPath, ['--import', 'tsx', program, '--help'], options);
    const known = [...stdout.matchAll(/^ {2}--([\w-]+)/gm)].map(([, flag]) => flag);
    for (const { flags } of calls.filter((call) => call.name === name)) {
      expect(
        flags.filter((flag) => !known.includes(flag)),
        `${name} ${flags.join(' ')}`,
      ).toEqual([]);
    }
  }
});

test('every action is pinned by its major or by a commit, and every job ends by itself', () => {
  const jobs = githubFiles.flatMap(jobsOf);
  const uses = jobs.flatMap(({ steps }) => steps.flatMap((step) => (step.uses === undefined ? [] : [step.uses])));
  expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
  expect(jobs.filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
});

/** Inputs that the actions know, of those that matter here. Source: action.yml of each. */
const actionInputs: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout': ['fetch-depth', 'ref', 'persist-credentials'],
  'actions/setup-node': ['node-version', 'node-version-file', 'cache', 'cache-dependency-path'],
  'actions/cache': ['path', 'key', 'restore-keys', 'lookup-only', 'fail-on-cache-miss'],
  'actions/upload-artifact': ['name', 'path', 'if-no-files-found', 'retention-days', 'overwrite'],
  'actions/download-artifact': ['name', 'path', 'pattern', 'merge-multiple'],
  'actions/upload-pages-artifact': ['name', 'path', 'retention-days'],
  'actions/deploy-pages': ['token', 'timeout', 'artifact_name'],
};

test('every action is one that is known here, and gets only inputs that it has', () => {
  const steps = githubFiles.flatMap(jobsOf).flatMap((job) => job.steps);
  const unknown = steps.flatMap(({ uses, with: inputs = {} }) => {
    if (uses === undefined) return [];
    const known = actionInputs[uses.replace(/@.*/, '')];
    if (known === undefined) return [uses];
    return Object.keys(inputs)
      .filter((name) => !known.includes(name))
      .map((name) => `${uses}: ${name}`);
  });
  expect(unknown).toEqual([]);
});

test("the project's own CI covers the oldest Node that it supports and the current ones", () => {
  const { engines } = JSON.parse(text('package.json')) as { engines: { node: string } };
  const nodes = jobsOf(`${githubFolder}/ci.yml`)[0]?.strategy?.matrix['node'];
  expect(nodes).toEqual(['20', '22', '24']);
  expect(engines.node.startsWith(`>=${String((nodes as string[])[0])}.`)).toBe(true);
});

test('the workflow for users prepares what cluster:up asks root for, and verifies releases that can be installed', () => {
  const file = `${githubFolder}/verify-longhorn.yml`;
  const scripts = scriptsOf(file).join('\n');
  expect(scripts).toContain(`modprobe -a ${kernelModules.join(' ')}`);
  expect(scripts).toContain('--nodes 2 ');
  expect(scripts).toContain(`vm.nr_hugepages=${String(2 * hugePagesPerNode)}`);
  const versions = workflow(file).on.workflow_dispatch?.inputs['versions']?.default;
  expect(typeof versions).toBe('string');
  for (const version of JSON.parse(String(versions)) as string[])
    expect(() => parseInstallableVersion(version)).not.toThrow();
  // A scheduled run has no inputs: the same list stands in the matrix itself.
  expect(text(file).split(String(versions))).toHaveLength(3);
});

test('what a run writes is what the workflows keep', () => {
  const users = scriptsOf(`${githubFolder}/verify-longhorn.yml`).join('\n');
  expect(users).toMatch(/--out reports\/out\/EXPRESSION/);
  const kept = githubFiles
    .flatMap(jobsOf)
    .flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.uses?.startsWith('actions/upload-artifact@') === true ? [step.with?.['path']] : [],
      ),
    );
  expect(new Set(kept)).toEqual(new Set(['reports/out/']));
  const { '.verify': template } = parse(text(gitlabFile)) as Record<
    string,
    { artifacts: { reports: { junit: string } } }
  >;
  expect(template?.artifacts.reports.junit).toBe('reports/out/$CI_JOB_NAME/junit.xml');
  expect(text(gitlabFile).match(/--out reports\/out\/\$CI_JOB_NAME/g)).toHaveLength(2);
});
