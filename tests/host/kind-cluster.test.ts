import { readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { nodeBaseImage } from '../../scripts/cluster/kind/node-image.ts';
import { kindClusterStep } from '../../scripts/cluster/kind/cluster.ts';
import { expect, noKind, test } from './machine.ts';

/** Where the base image cannot be pulled, a node image of one's own may stand in: `VERIFIER_HOST_NODE_IMAGE`. */
const ownImage = process.env['VERIFIER_HOST_NODE_IMAGE'];
const flags = [
  ...['--longhorn', '1.11.3', '--single-node', '--disk-size', '1Gi'],
  ...(ownImage === undefined ? [] : ['--node-image', ownImage]),
];
const steps = ({ id }: { id: string }): boolean =>
  ['node-image', 'disk-files', 'kind-interrupted', kindClusterStep].includes(id) || id.startsWith('loop-');

test.setTimeout(20 * 60_000);

let missing: string | undefined;
test.beforeAll(async () => {
  missing = await noKind(ownImage ?? nodeBaseImage);
});
test.beforeEach(() => {
  test.skip(missing !== undefined, missing);
});

test('a real Kind cluster comes up with its block disks, once, answers the suite, and goes without a trace', async ({
  setUp,
}) => {
  const setup = setUp({ flags, steps });
  const { name } = setup;
  const [node = ''] = setup.nodes;

  await test.step('every step is done, and a second up does none', async () => {
    const first = await setup.up();
    expect(first.outcome, first.said).toBe('usable');
    const second = await setup.up();
    expect(second.outcome, second.said).toBe('usable');
    expect(second.said).not.toContain('needed');
  });

  await test.step('the node sees this machine’s devices, and one that is made later', async () => {
    for (const { path } of setup.disks) {
      const { stdout } = await inNode(node, ['readlink', '-f', path]);
      expect(stdout).toBe(join('/dev', basename(await readlink(path))));
      await inNode(node, ['dd', `if=${path}`, 'of=/dev/null', 'bs=4096', 'count=1', 'iflag=direct']);
    }
    await inNode(node, ['touch', `/dev/${name}`]);
    await expect(readFile(join('/dev', name), 'utf8')).resolves.toBe('');
    await inNode(node, ['rm', `/dev/${name}`]);
  });

  await test.step('the node has what Longhorn looks for: shared mounts and the programs of its host check', async () => {
    const { stdout } = await inNode(node, ['findmnt', '--noheadings', '--output', 'PROPAGATION', '/']);
    expect(stdout.trim().split(',')).toContain('shared');
    for (const program of ['iscsiadm', 'mount.nfs', 'cryptsetup', 'dmsetup']) {
      const found = await inNode(node, ['sh', '-c', `command -v ${program}`]);
      expect(found.exitCode, `${program} in the node`).toBe(0);
    }
  });

  await test.step('doctor and verify say that Longhorn is not there', async () => {
    const target = ['--context', `kind-${name}`, '--kubeconfig', setup.kubeconfig];
    const doctor = await npmRun('doctor', [...target, '--pull-timeout', '0']);
    expect(doctor.exitCode, doctor.stdout).toBe(2);
    expect(doctor.stdout).toMatch(/ok +the Kubernetes API answers +Kubernetes v1\./);
    expect(doctor.stdout).toMatch(/missing +Longhorn has V2 backing images +no longhorn-manager runs/);
    const verify = await npmRun('verify', [...target, '--image', 'raw', '--out', join(setup.layout.directory, 'run')]);
    expect(verify.exitCode, verify.stdout).toBe(2);
    expect(verify.stdout).toMatch(/INCONCLUSIVE +context kind-/);
    const left = await npmRun('sweep', target);
    expect(left.stdout).toContain('nothing is left to sweep');
  });

  await test.step('down removes it', async () => {
    const { left, said } = await setup.down();
    expect(left, said).toEqual([]);
    const clusters = await execa('kind', ['get', 'clusters']);
    expect(clusters.stdout.split('\n')).not.toContain(name);
    const containers = await execa('docker', ['ps', '--all', '--quiet', '--filter', `name=${node}`]);
    expect(containers.stdout).toBe('');
  });
});

test('a Kind cluster of that name that is not of this set-up is left as it is', async ({ setUp }) => {
  const setup = setUp({ flags, steps: ({ id }) => id === kindClusterStep });
  const image = ownImage ?? nodeBaseImage;
  const { kubeconfig } = setup;
  await execa('kind', ['create', 'cluster', '--name', setup.name, '--image', image, '--kubeconfig', kubeconfig]);
  try {
    const { outcome, said } = await setup.up();
    expect(outcome).toBe('left-to-person');
    expect(said).toContain(`a Kind cluster ${setup.name} exists that cluster:up did not make`);
    await setup.down();
    const { stdout } = await execa('kind', ['get', 'clusters']);
    expect(stdout.split('\n')).toContain(setup.name);
  } finally {
    await execa('kind', ['delete', 'cluster', '--name', setup.name, '--kubeconfig', kubeconfig]);
  }
});

function inNode(node: string, argv: readonly string[]) {
  return execa('docker', ['exec', node, ...argv]);
}

function npmRun(script: string, argv: readonly string[]) {
  return execa('npm', ['run', '--silent', script, '--', ...argv], { reject: false, all: true });
}
