import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { UsageError } from '../../../scripts/command-line/usage-error.ts';
import { downHelp, parseDown } from '../../../scripts/cluster/request/down.ts';
import { parseUp, upHelp } from '../../../scripts/cluster/request/up.ts';
import { toolEnvironment } from '../../meta/command.ts';

function run(command: 'up' | 'down', flags: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const script = fileURLToPath(new URL(`../../../scripts/cluster/${command}.ts`, import.meta.url));
  const options = { env: { ...toolEnvironment(), ...env }, extendEnv: false, reject: false } as const;
  return execa(process.execPath, ['--import', 'tsx', script, ...flags], options);
}

test('a dry run calls no program and writes no file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'verifier-dry-'));
  try {
    for (const tool of ['docker', 'kind', 'helm', 'kubectl', 'bash', 'sh', 'truncate']) {
      const path = join(directory, tool);
      await writeFile(
        path,
        `#!${process.execPath}\nrequire('node:fs').writeFileSync('${directory}/called-${tool}', '');\n`,
      );
      await chmod(path, 0o755);
    }
    const before = await readdir(directory);
    const flags = ['--longhorn', '1.8.0', '--dry-run', '--state-dir', join(directory, 'state')];
    const { exitCode, stdout } = await run('up', flags, { PATH: directory });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('helm upgrade --install longhorn');
    expect(await readdir(directory)).toEqual(before);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('--print-images prints the images to mirror, and the probe image with them', async () => {
  const { stdout } = await run('up', [
    '--longhorn',
    '1.8.0',
    '--registry',
    'lab:5000',
    '--probe-image',
    'lab:5000/node:20',
    '--print-images',
  ]);
  const lines = stdout.split('\n');
  expect(lines).toContain('lab:5000/longhornio/longhorn-instance-manager:v1.8.0');
  expect(lines.at(-1)).toBe('lab:5000/node:20');
  expect(lines.filter((line) => !line.startsWith('lab:5000/'))).toEqual([]);
});

test('down of a cluster that was never begun says where it looked', async () => {
  const { exitCode, stderr } = await run('down', ['--state-dir', '/nowhere', '--name', 'lab']);
  expect(exitCode).toBe(64);
  expect(stderr.trim()).toBe('cluster:down: cluster:up began no cluster lab (looked in /nowhere; it began none)');
});

const wrong: readonly (readonly [string, RegExp])[] = [
  ['', /--longhorn VERSION is needed: 1\.8\.0/],
  ['--longhorn 1.8.x-head', /--longhorn wants one of 1\.8\.0, .*fixed tags, got "1\.8\.x-head"/],
  ['--longhorn 1.8.0 --nodes 0', /--nodes wants a whole number from 1 to 9, got "0"/],
  ['--longhorn 1.9.0 --nodes 3 --single-node', /contradict one another/],
  ['--longhorn 1.8.2 --single-node', /up to 1.8.2 a rebuild deletes the images of the other disks .*#10527.*--nodes 2/],
  ['--longhorn v1.8.0 --provider existing --context lab --single-node', /Longhorn 1.8.0: .*#10527/],
  ['--longhorn 1.8.0 --disk-size 64Mi', /--disk-size 64Mi is too small: at least 1Gi/],
  ['--longhorn 1.8.0 --context lab', /--context is for --provider existing only/],
  ['--longhorn 1.8.0 --provider existing', /needs --context NAME/],
  ['--longhorn 1.8.0 --provider existing --context lab --nodes 2', /--nodes is for --provider kind only/],
  [
    '--longhorn 1.8.0 --provider existing --context lab --block-disks a=/etc/passwd',
    /NODE=\/dev\/… .*got "a=\/etc\/passwd"/,
  ],
  ['--longhorn 1.8.0 --provider vagrant', /--provider wants one of kind, existing/],
  ['--longhorn 1.8.0 --name Lab', /--name wants .*got "Lab"/],
  ['--longhorn 1.8.0 --registry https://lab', /--registry wants a host .*no scheme/],
];

test('a wrong command line is one clear line, before anything is looked at', () => {
  for (const [flags, message] of wrong) {
    const argv = flags.split(' ').filter((word) => word !== '');
    expect(() => parseUp(argv), flags).toThrow(UsageError);
    expect(() => parseUp(argv), flags).toThrow(message);
  }
  expect(() => parseDown(['--name', '../..'])).toThrow(UsageError);
});

test('the help of both commands has examples that are valid command lines', () => {
  for (const [help, parse] of [
    [upHelp, parseUp],
    [downHelp, parseDown],
  ] as const) {
    expect(help.examples.length).toBeGreaterThan(0);
    for (const example of help.examples) {
      const [, , , ...flags] = example.split(' ');
      expect(() => parse(flags.filter((word) => word !== '--')), example).not.toThrow();
    }
  }
});
