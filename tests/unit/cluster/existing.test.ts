/** What goes to the API, with the real kubectl, on an embedded cluster known by its kubeconfig. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test as base } from '@playwright/test';
import { execa } from 'execa';
import { type EmbeddedProcess, startEmbeddedProcess } from '../../../scripts/verify/embedded-process.ts';
import { toolEnvironment } from '../../meta/command.ts';

interface Cluster {
  readonly embedded: EmbeddedProcess;
  readonly stateDir: string;
  readonly kubectl: (...args: string[]) => Promise<string>;
  /** Runs `cluster:up` or `cluster:down` as a user would. */
  readonly cluster: (command: 'up' | 'down', ...flags: string[]) => Promise<{ exitCode: number; output: string }>;
}

const noKubectl = await execa('kubectl', ['version', '--client'], { reject: false }).then(
  ({ failed }) => failed,
  () => true,
);
const seconds = 1000;

const test = base.extend<object, { cluster: Cluster }>({
  cluster: [
    async ({}, use) => {
      const embedded = await startEmbeddedProcess({
        flags: ['--longhorn', '1.8.0', '--seed', 'cluster'],
        outlive: false,
      });
      const stateDir = await mkdtemp(join(tmpdir(), 'verifier-state-'));
      const env = { ...toolEnvironment(), KUBECONFIG: embedded.kubeconfig };
      const options = { env, extendEnv: false, reject: false, timeout: 120 * seconds, all: true } as const;
      try {
        await use({
          embedded,
          stateDir,
          kubectl: async (...args) => {
            const { exitCode, all } = await execa('kubectl', ['-n', 'longhorn-system', ...args], options);
            if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${all}`);
            return all;
          },
          cluster: async (command, ...flags) => {
            const script = fileURLToPath(new URL(`../../../scripts/cluster/${command}.ts`, import.meta.url));
            const args = ['--import', 'tsx', script, '--state-dir', stateDir, ...flags];
            const { exitCode, all } = await execa(process.execPath, args, options);
            return { exitCode: exitCode ?? -1, output: all };
          },
        });
      } finally {
        await embedded.stop();
        await rm(stateDir, { recursive: true, force: true });
      }
    },
    { scope: 'worker', timeout: 180 * seconds },
  ],
});

test.skip(noKubectl, 'there is no kubectl here, which sends the changes');

const existing = ['--longhorn', '1.8.0', '--provider', 'existing', '--context', 'embedded'] as const;
const disks = ['--block-disks', 'node1=/dev/sdx,node2=/dev/sdx,node1=/dev/sdy'] as const;
const v2 = ['get', 'settings.longhorn.io', 'v2-data-engine', '-o', 'jsonpath={.value}'] as const;
const disksOfNode1 = ['get', 'nodes.longhorn.io', 'node1', '-o', 'jsonpath={.spec.disks}'] as const;

test('up enables V2, adds disks and waits until they can be used; a second up changes nothing; down puts all back', async ({
  cluster: { cluster, kubectl, stateDir },
}) => {
  await kubectl('patch', 'settings.longhorn.io', 'v2-data-engine', '--type', 'merge', '-p', '{"value":"false"}');
  const before = await kubectl(...disksOfNode1);

  const up = await cluster('up', ...existing, ...disks);
  expect(up.exitCode, up.output).toBe(0);
  expect(up.output).toContain('npm run verify -- --context embedded');
  expect(await kubectl(...v2)).toBe('true');
  const added = JSON.parse(await kubectl(...disksOfNode1)) as Record<string, { path: string; diskType: string }>;
  expect(added['v2-verifier-2']).toMatchObject({ path: '/dev/sdy', diskType: 'block' });
  const status = JSON.parse(
    await kubectl('get', 'nodes.longhorn.io', 'node2', '-o', 'jsonpath={.status.diskStatus.v2-verifier-1}'),
  ) as { diskUUID: string };
  expect(status.diskUUID).not.toBe('');

  const again = await cluster('up', ...existing, ...disks);
  expect(again.exitCode).toBe(0);
  expect(again.output).not.toContain('patch');

  const down = await cluster('down');
  expect(down.exitCode, down.output).toBe(0);
  expect(await kubectl(...v2)).toBe('false');
  expect(await kubectl(...disksOfNode1)).toBe(before);
  expect(await readdir(stateDir)).toEqual([]);
});

test('the dry run, run as a script, does the same as up; what it cannot install stops it', async ({
  cluster: { cluster, kubectl, embedded, stateDir },
}, testInfo) => {
  const dryRun = await cluster('up', ...existing, ...disks, '--dry-run');
  expect(await readdir(stateDir)).toEqual([]);
  await kubectl('patch', 'settings.longhorn.io', 'v2-data-engine', '--type', 'merge', '-p', '{"value":"false"}');
  const bin = testInfo.outputPath('bin');
  await mkdir(bin, { recursive: true });
  // The script waits in steps of five seconds; the embedded cluster is there sooner.
  await writeFile(join(bin, 'sleep'), '#!/bin/sh\nexec /bin/sleep 0.2\n', { mode: 0o755 });
  const runScript = async (helm: string) => {
    await writeFile(join(bin, 'helm'), `#!/bin/sh\n${helm}\n`, { mode: 0o755 });
    const { PATH = '' } = process.env;
    const env = { ...toolEnvironment(), KUBECONFIG: embedded.kubeconfig, PATH: `${bin}:${PATH}` };
    return execa('bash', [], { input: dryRun.output, env, extendEnv: false, reject: false, all: true });
  };
  expect((await runScript('exit 7')).exitCode).toBe(7);
  expect(await kubectl(...v2)).toBe('false');

  const { exitCode, all } = await runScript('exit 0');
  expect(exitCode, all).toBe(0);
  expect(await kubectl(...v2)).toBe('true');
  expect(await kubectl(...disksOfNode1)).toContain('"path":"/dev/sdy"');
  const up = await cluster('up', ...existing, ...disks);
  expect(up.exitCode, up.output).toBe(0);
  expect(up.output, 'nothing is left to do').not.toContain('patch');
  const down = await cluster('down');
  expect(down.exitCode, 'what the script did is not for cluster:down to take back').toBe(64);
  expect(down.output).toContain('cluster:up began no cluster v2-verifier');
  expect(down.output).toContain('it began none');
  // The script wrote helm's values there.
  expect(await readdir(join(stateDir, 'v2-verifier'))).toEqual(['longhorn-values.yaml']);
  await rm(join(stateDir, 'v2-verifier'), { recursive: true });
});

test('a Longhorn of another release is named and left alone', async ({ cluster: { cluster, stateDir } }) => {
  const { exitCode, output } = await cluster('up', '--longhorn', '1.8.1', ...existing.slice(2));
  expect(exitCode).toBe(2);
  expect(output).toContain('another Longhorn is there (longhornio/longhorn-manager:v1.8.0)');
  expect(await readdir(stateDir)).toEqual([]);
});
