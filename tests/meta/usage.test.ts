import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { runTool, toolEnvironment } from './command.ts';

const wrongUses: readonly { what: string; flags: readonly string[]; says: RegExp }[] = [
  { what: 'an unknown flag', flags: ['--replica', '2'], says: /Unknown option '--replica'/ },
  { what: 'a size that is no size', flags: ['--size', 'large'], says: /--size wants a size such as 500Mi.*"large"/ },
  { what: 'a size in parts of a byte', flags: ['--size', '33.3333333Mi'], says: /no whole number of bytes/ },
  { what: 'an image off the MiB', flags: ['--image-size', '33554944'], says: /no whole number of MiB/ },
  {
    what: 'an image that fills the volume',
    flags: ['--size', '64Mi', '--image-size', '62Mi'],
    says: /at least 4 MiB larger than the image/,
  },
  {
    what: 'a size that no run could read',
    flags: ['--size', '8000Ti'],
    says: /--size 8000Ti is too large: at most 1Ti/,
  },
  {
    what: 'a number that looks like a flag',
    flags: ['--size', '-5'],
    says: /'--size' argument is ambiguous; see --help/,
  },
  { what: 'a size that is too small', flags: ['--size', '4Mi'], says: /too small/ },
  { what: 'an unknown version', flags: ['--longhorn', '1.7.2'], says: /--longhorn wants one of 1\.8\.0.*"1\.7\.2"/ },
  { what: 'a seed with blanks', flags: ['--seed', 'a b'], says: /--seed wants/ },
  { what: 'no reads', flags: ['--reads', '0'], says: /--reads wants a whole number/ },
  { what: 'an unknown image format', flags: ['--image', 'vmdk'], says: /--image wants one of raw, qcow2, both/ },
  {
    what: 'a missing kubeconfig',
    flags: ['--context', 'x', '--kubeconfig', '/nonexistent/k'],
    says: /cannot read kubeconfig/,
  },
  { what: 'a kubeconfig without a context', flags: ['--kubeconfig', '/dev/null'], says: /needs --context/ },
  {
    what: 'an embedded flag for a real cluster',
    flags: ['--context', 'x', '--longhorn', '1.8.0'],
    says: /--longhorn describes/,
  },
];

for (const { what, flags, says } of wrongUses) {
  test(`verify answers ${what} with one line and exit code 64, and creates nothing`, async () => {
    const result = await runTool('verify', flags);
    expect(result.exitCode).toBe(64);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).toMatch(says);
    expect(result.stdout).toBe('');
    expect(readdirSync(result.outDir)).toEqual([]);
  });
}

const brokenContexts: readonly { what: string; rest: string; says: RegExp }[] = [
  { what: 'no cluster', rest: 'users: [{name: u}]', says: /names the cluster "c", which is not in that file/ },
  {
    what: 'a cluster without an address',
    rest: 'clusters: [{name: c, cluster: {}}]\nusers: [{name: u}]',
    says: /without a valid server address/,
  },
  {
    what: 'no user',
    rest: 'clusters: [{name: c, cluster: {server: "https://h:1"}}]',
    says: /names the user "u", which is not in that file/,
  },
];

for (const { what, rest, says } of brokenContexts) {
  test(`a context with ${what} is wrong usage, before anything is created`, async ({}, testInfo) => {
    const kubeconfig = testInfo.outputPath('kubeconfig');
    await writeFile(kubeconfig, `contexts: [{name: k, context: {cluster: c, user: u}}]\n${rest}\n`);
    const result = await runTool('verify', ['--context', 'k', '--kubeconfig', kubeconfig]);
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(result.stderr).toMatch(says);
    expect(readdirSync(result.outDir)).toEqual([]);
  });
}

test('of $KUBECONFIG a file that is not there is passed over, as kubectl does', async ({}, testInfo) => {
  const kubeconfig = testInfo.outputPath('kubeconfig');
  await writeFile(kubeconfig, 'contexts: [{name: kind-a, context: {}}]\n');
  const environment = { KUBECONFIG: `/nonexistent/k:${kubeconfig}` };
  const result = await runTool('verify', ['--context', 'kind-b'], { environment });
  expect(result.exitCode).toBe(64);
  expect(result.stderr).toContain('which has the contexts kind-a');
});

/** Commands whose flags no other test gets wrong. */
const wrongElsewhere: readonly { tool: string; flags: readonly string[]; says: RegExp }[] = [
  { tool: 'matrix', flags: ['--versions', '9.9.9'], says: /^matrix: --versions wants one of 1\.8\.0/ },
  { tool: 'sweep', flags: ['--context', 'x', '--longhorn-namespace', 'A B'], says: /wants a namespace name/ },
  { tool: 'cluster/up', flags: ['--longhorn', '1.8.0', '--pull-secret', 'a b'], says: /--pull-secret wants the name/ },
  { tool: 'cluster/up', flags: ['--longhorn', '1.8.0', '--disk-size', '64Mi'], says: /too small: at least 1Gi/ },
  { tool: 'cluster/up', flags: ['--longhorn', '1.8.0', '--chart', '/nonexistent'], says: /there is no \/nonexistent/ },
  ...['verify', 'matrix', 'merge', 'faults', 'bisect'].map((tool) => ({
    tool,
    flags: [
      ...(tool === 'matrix' ? ['--versions', '1.8.0'] : tool === 'bisect' ? ['--good', '1.8.1', '--bad', '1.8.0'] : []),
      ...['--out', '/dev/null/below'],
    ],
    says: /--out \/dev\/null\/below: \/dev\/null is no directory/,
  })),
];

for (const { tool, flags, says } of wrongElsewhere) {
  test(`${tool} answers ${flags.join(' ')} with one line and exit code 64`, async () => {
    const script = fileURLToPath(new URL(`../../scripts/${tool}.ts`, import.meta.url));
    const options = { reject: false, env: toolEnvironment(), extendEnv: false } as const;
    const { exitCode, stdout, stderr } = await execa(process.execPath, ['--import', 'tsx', script, ...flags], options);
    expect({ exitCode, stdout, lines: stderr.trim().split('\n').length }).toEqual({
      exitCode: 64,
      stdout: '',
      lines: 1,
    });
    expect(stderr).toMatch(says);
  });
}

test('verify names the contexts there are when the given one is unknown', async ({}, testInfo) => {
  const kubeconfig = testInfo.outputPath('kubeconfig');
  await writeFile(kubeconfig, 'apiVersion: v1\nkind: Config\ncontexts: [{name: kind-a, context: {}}]\n');
  const result = await runTool('verify', ['--context', 'kind-b', '--kubeconfig', kubeconfig]);
  expect(result.exitCode).toBe(64);
  expect(result.stderr).toContain('no context "kind-b"');
  expect(result.stderr).toContain('kind-a');
});

test('reproduce refuses a release without a known defect', async () => {
  const result = await runTool('reproduce', ['--longhorn', '1.8.1']);
  expect(result.exitCode).toBe(64);
  expect(result.stderr).toMatch(/1\.8\.1 has no known defect/);
});
