import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { ApiError } from '../../../helpers/kubernetes/errors.ts';
import { defaultKubeconfigs, reachOf, shellWord } from '../../../helpers/kubernetes/reach.ts';
import {
  examine,
  hinders,
  premiseOf,
  type Check,
  type CheckResult,
  type Scene,
} from '../../../helpers/longhorn/checks/check.ts';
import { failureWords, quantityMib } from '../../../helpers/longhorn/checks/hosts.ts';
import { promisesOf, type JsonReport } from '../../../scripts/doctor/contract.ts';
import { doctorJsonSchema, doctorReportSchema, reportOf } from '../../../scripts/doctor/report.ts';
import { renderDoctor } from '../../../scripts/doctor/screen.ts';

const ok: CheckResult = { id: 'api', name: 'the API answers', weight: 'verdict', state: 'ok', seen: 'Kubernetes v1' };
const missing = (weight: CheckResult['weight']): CheckResult => ({
  ...{ id: `missing-${weight}`, name: 'there are disks', weight, state: 'missing', seen: 'none', remedy: ['add one'] },
});
const unknown = (weight: CheckResult['weight']): CheckResult => ({
  ...{ id: `unknown-${weight}`, name: 'who knows', weight, state: 'unknown', seen: 'not allowed to look' },
});

test('what a verdict rests on hinders when it is missing or unknown, what a run finds out only when it is missing', () => {
  expect([missing('verdict'), unknown('verdict'), missing('run')].map(hinders)).toEqual([true, true, true]);
  expect([ok, unknown('run'), missing('advice'), unknown('advice')].map(hinders)).toEqual([false, false, false, false]);
});

test('a premise says what doctor says: what was seen, and what to type', () => {
  expect(premiseOf(missing('verdict'))).toEqual({ name: 'there are disks', state: 'unmet', detail: 'none; add one' });
  expect(premiseOf(ok)).toEqual({ name: 'the API answers', state: 'met', detail: 'Kubernetes v1' });
});

test('what Longhorn passes on of a failing program is one line, and said once for all its nodes', () => {
  // As longhorn-manager 1.8.1 told it of nodes whose kernel has no modules.
  const message =
    'Failed to check kernel modules: failed to execute: /usr/bin/kmod [kmod list], output , stderr libkmod: ERROR ../libkmod/libkmod-module.c:1725 kmod_module_new_from_loaded: could not open /proc/modules: No such file or directory\nError: could not get list of modules: No such file or directory\n: exit status 1';
  const failed = (node: string) => ({ node, type: 'KernelModulesLoaded', reason: 'NamespaceExecutorErr', message });
  const words = failureWords([
    failed('worker'),
    failed('worker2'),
    { node: 'worker', type: 'MountPropagation', reason: 'NoMountPropagationSupport', message: '' },
  ]);
  expect(words).toMatch(/^worker, worker2: KernelModulesLoaded: Failed to check .* : exit status 1; worker: Mount/);
  expect(words).toMatch(/MountPropagation: NoMountPropagationSupport$/);
  expect(words).not.toContain('\n');
});

test('exit code 2 and the names of what hinders; 0 when only advice is missing', () => {
  const bad = reportOf('kind', [ok, missing('verdict'), missing('advice')], undefined);
  expect(bad).toMatchObject({ verdictPossible: false, exitCode: 2 });
  const screen = renderDoctor(bad, { columns: 120, colour: false });
  expect(screen).toContain('missing  there are disks  none\n         → add one');
  expect(screen.split('\n').at(-1)).toBe('No verdict is possible: missing-verdict.');
  const fine = reportOf('kind', [ok, missing('advice'), unknown('run')], undefined);
  expect(fine).toMatchObject({ verdictPossible: true, exitCode: 0 });
  expect(renderDoctor(fine, { columns: 120, colour: false })).toContain('A verdict is possible; 2 of the checks limit');
});

test('a promise that does not hold makes a verdict impossible, and its source is shown', () => {
  const contract = [{ title: 'it holds', sources: ['repo:path@v1'], outcome: 'does not hold', detail: 'no' }] as const;
  const report = reportOf('kind', [ok], [{ ...contract[0], sources: [...contract[0].sources] }]);
  expect(report.exitCode).toBe(2);
  expect(renderDoctor(report, { columns: 120, colour: false })).toMatch(
    /does not hold {2}it holds\n +repo:path@v1\n +→ no/,
  );
});

test('what has to wait for something else is one line, and no cause of its own', () => {
  const waiting = ['a', 'b'].map((id) => ({ ...unknown('verdict'), id, seen: 'not looked at: no API', after: 'api' }));
  const report = reportOf('kind', [{ ...missing('verdict'), id: 'api' }, ...waiting], undefined);
  expect(report.checks.map(({ hinders: hinders_, after }) => [hinders_, after])).toEqual([
    [true, undefined],
    [true, 'api'],
    [true, 'api'],
  ]);
  const lines = renderDoctor(report, { columns: 120, colour: false }).split('\n');
  expect(lines.filter((line) => line.startsWith('unknown'))).toEqual([
    'unknown  2 other checks, not looked at: no API: a, b',
  ]);
  expect(lines.at(-1)).toBe('No verdict is possible: api.');
});

/** A scene of which only this is asked. */
function sceneWith(images: Record<string, string>): Scene {
  const asked = {
    environment: () => Promise.resolve({ kubernetesVersion: 'v1', images, nodes: [] }),
    client: { signal: new AbortController().signal },
    longhornNamespace: 'storage',
  };
  return asked as unknown as Scene;
}

const ofLonghorn: Check = {
  ...{ id: 'disks', name: 'there are disks', weight: 'verdict', of: 'longhorn' },
  look: () => Promise.resolve({ state: 'missing', seen: 'none', remedy: ['add one'] }),
};

test('where no Longhorn runs nothing is said about its parts', async () => {
  expect(await examine(sceneWith({}), [ofLonghorn])).toMatchObject([
    { state: 'unknown', seen: 'not looked at: no Longhorn in namespace storage', after: 'longhorn' },
  ]);
  expect(await examine(sceneWith({ 'longhorn-manager': 'x:v1.8.0' }), [ofLonghorn])).toMatchObject([
    { state: 'missing', seen: 'none' },
  ]);
});

test('what may not be looked at is told in the words of the server, without the request', async () => {
  const refusal = { request: 'GET /apis/x', statusCode: 403, reason: 'Forbidden', message: 'disks are forbidden' };
  const refused: Check = { ...ofLonghorn, look: () => Promise.reject(new ApiError(refusal)) };
  const [result] = await examine(sceneWith({ 'longhorn-manager': 'x:v1.8.0' }), [refused]);
  expect(result?.seen).toBe('not allowed to look: disks are forbidden');
});

test('what is to be typed names the kubeconfig unless it is found without, and survives a shell', async () => {
  const [usual = ''] = defaultKubeconfigs();
  expect(reachOf({ kubeconfigPath: usual, context: 'lab' }).kubectl).toBe('kubectl --context lab');
  const odd = reachOf({ kubeconfigPath: "/tmp/it's mine", context: 'a b' });
  const { stdout } = await execa('sh', ['-c', `printf '<%s>' ${odd.flags}`]);
  expect(stdout).toBe("<--context><a b><--kubeconfig></tmp/it's mine>");
  expect(['plain-word', '$(id)', ''].map(shellWord)).toEqual(['plain-word', "'$(id)'", "''"]);
});

test('lines fit the terminal, except what is to be typed', () => {
  const long: CheckResult = { ...ok, seen: 'x'.repeat(300) };
  const screen = renderDoctor(reportOf('kind', [long], undefined), { columns: 80, colour: false });
  expect(Math.max(...screen.split('\n').map((line) => line.length))).toBe(80);
});

test('what --json prints is what reports/doctor.schema.json describes', async ({}, testInfo) => {
  const path = new URL('../../../reports/doctor.schema.json', import.meta.url);
  const current = JSON.parse(JSON.stringify(doctorJsonSchema())) as unknown;
  // Written by `npx playwright test --project=unit tests/unit/doctor --update-snapshots`.
  const update = testInfo.config.updateSnapshots;
  if (update === 'all' || update === 'changed') await writeFile(path, `${JSON.stringify(current, null, 2)}\n`);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(current);
  const report = reportOf('embedded', [ok, missing('run'), unknown('advice')], []);
  expect(doctorReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
});

test('quantities of huge pages are read in every binary unit, bytes too', () => {
  expect(['2Gi', '2048Mi', '2097152Ki', '2147483648'].map(quantityMib)).toEqual([2048, 2048, 2048, 2048]);
  expect(['0', 'many'].map(quantityMib)).toEqual([0, 0]);
});

test('every promise of the contract names its source', async () => {
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const flags = ['test', '--list', '--project=contract', '--reporter=json'];
  const { stdout } = await execa(process.execPath, [cli, ...flags], {
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: '', PLAYWRIGHT_JSON_OUTPUT_NAME: '' },
  });
  const promises = promisesOf(JSON.parse(stdout) as JsonReport);
  expect(promises.length).toBeGreaterThan(20);
  expect(promises.filter(({ sources }) => sources.length === 0).map(({ title }) => title)).toEqual([]);
});

test('each test of the contract is a promise with its sources; a failed one says why, a skipped one why not', () => {
  const red = String.fromCharCode(27) + '[31m';
  const source = { type: 'source', description: 'repo:path@v1' };
  const report: JsonReport = {
    suites: [
      {
        title: 'contract/x.test.ts',
        specs: [
          { title: 'a holds', tests: [{ status: 'expected', annotations: [source], results: [{}] }] },
          {
            title: 'b breaks',
            tests: [
              { status: 'unexpected', annotations: [], results: [{ error: { message: `${red}Error: no\n\nseen 1` } }] },
            ],
          },
        ],
        suites: [
          {
            title: 'a pod',
            specs: [
              {
                title: 'c waits',
                tests: [{ status: 'skipped', annotations: [{ type: 'skip', description: 'no V2' }], results: [] }],
              },
            ],
          },
        ],
      },
    ],
  };
  expect(promisesOf(report)).toEqual([
    { title: 'a holds', sources: ['repo:path@v1'], outcome: 'holds', detail: '' },
    { title: 'b breaks', sources: [], outcome: 'does not hold', detail: 'Error: no seen 1' },
    { title: 'a pod c waits', sources: [], outcome: 'not checked', detail: 'no V2' },
  ]);
});
