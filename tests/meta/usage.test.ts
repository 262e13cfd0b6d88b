import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { runTool } from './command.ts';

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
