import { expect, test } from './stage.ts';
import { commandsOf, planned } from './requests.ts';

const flags = '--longhorn 1.8.0 --nodes 2';
const onlyLooks =
  /^(docker (version|image inspect)|kind (version|get clusters)|kubectl (version|.* get )|helm version)/;
const changes = (calls: readonly string[]): string[] => calls.filter((call) => !onlyLooks.test(call));

test('up runs every command of its plan in order, and a second up runs none', async ({ stage }) => {
  const { outcome, calls, said } = await stage.up(flags);
  expect(outcome, said).toBe('usable');
  const stubs = ['docker', 'kind', 'helm', 'kubectl'];
  // A machine where nothing went wrong before has no half-made cluster or release to remove, and kubelets that count huge
  // pages.
  const conditional = /^(kind delete|docker exec|kubectl .* delete secrets)/;
  const plan = commandsOf(planned(flags).plan).map((argv) => argv.join(' '));
  const expected = plan.filter((line) => stubs.includes(line.split(' ')[0] ?? '') && !conditional.test(line));
  const shape = (line: string): string => line.split(' ').slice(0, 3).join(' ');
  expect(changes(calls).map(shape)).toEqual(expected.map(shape));

  const again = await stage.up(flags);
  expect(again.outcome).toBe('usable');
  expect(changes(again.calls)).toEqual([]);
  expect(again.said).not.toContain('needed');
});

for (const [what, text] of [
  ['the second loop device', 'losetup --find --show /disks/v2-verifier-worker2'],
  ['the Kind cluster', 'kind create'],
  ['Longhorn', 'helm upgrade'],
  ['a node', 'patch nodes.longhorn.io v2-verifier-worker2'],
] as const) {
  test(`an up that failed at ${what} says so and goes on there the next time`, async ({ stage }) => {
    await stage.failAt(text);
    const first = await stage.up(flags);
    expect(first.outcome).toBe('failed');
    expect(first.said).toMatch(/failed at ".+"/);
    expect(first.said).toContain('no space left on device');
    expect(first.said).toContain('npm run cluster:down -- --name v2-verifier');
    const last = changes(first.calls).at(-1) ?? '';
    expect(last).toContain(text.split(' ')[0]);

    await stage.failAt('');
    const second = await stage.up(flags);
    expect(second.outcome, second.said).toBe('usable');
    const began = changes(second.calls)[0] ?? '';
    expect(began).toBe(last);
  });
}

for (const text of ['losetup --find', 'kind create', 'patch nodes.longhorn.io']) {
  test(`down removes everything after an up that failed at ${text}`, async ({ stage }) => {
    await stage.failAt(text);
    expect((await stage.up(flags)).outcome).toBe('failed');
    await stage.failAt('');
    expect((await stage.down(flags)).left).toEqual([]);
    for (const path of ['state', 'dev', 'image', 'clusters'] as const)
      expect(await stage.exists(path), path).toBe(false);
  });
}

test('a pull secret is asked for once there is a cluster to put it in, before anything is pulled', async ({
  stage,
}) => {
  const withSecret = `${flags} --registry registry.lab:5000/mirror --pull-secret lan`;
  const first = await stage.up(withSecret);
  expect(first.outcome, first.said).toBe('left-to-person');
  expect(first.said).toContain(
    'create secret docker-registry lan --docker-server=registry.lab:5000 --docker-username=USER',
  );
  expect(first.calls.filter((call) => call.startsWith('kind create'))).toHaveLength(1);
  expect(first.calls.filter((call) => call.startsWith('helm upgrade'))).toEqual([]);
  await stage.write('stub/secret', '');
  const second = await stage.up(withSecret);
  expect(second.outcome, second.said).toBe('usable');
  expect(second.calls.filter((call) => call.startsWith('kind create'))).toEqual([]);
});

test('down removes the Kind cluster before the loop devices that it uses, and these before their files', async ({
  stage,
}) => {
  await stage.up(flags);
  const { calls, left } = await stage.down(flags);
  expect(left).toEqual([]);
  expect(changes(calls).map((call) => /kind delete|losetup --detach|image rm/.exec(call)?.[0])).toEqual([
    'kind delete',
    'losetup --detach',
    'losetup --detach',
    'image rm',
  ]);
  for (const path of ['state', 'dev', 'image', 'clusters'] as const) expect(await stage.exists(path), path).toBe(false);
});

test('what down could not remove is named and kept on record, and all else is removed', async ({ stage }) => {
  await stage.up(flags);
  await stage.failAt('losetup --noheadings --output NAME --associated /disks/v2-verifier-worker2', 'device is busy');
  const first = await stage.down(flags);
  expect(first.left).toEqual(['loop device /dev/v2-verifier/v2-verifier-worker2-block-1']);
  expect(first.said).toContain('device is busy');
  expect(await stage.exists('clusters')).toBe(false);
  expect(await stage.exists('state')).toBe(true);
});

test('a Kind cluster of that name that somebody else made is neither used nor removed', async ({ stage }) => {
  await stage.write('stub/clusters', 'v2-verifier\n');
  const { outcome, said } = await stage.up(flags);
  expect(outcome).toBe('left-to-person');
  expect(said).toContain('a Kind cluster v2-verifier exists that cluster:up did not make');
  await stage.down(flags);
  expect(await stage.exists('clusters')).toBe(true);
});

test('a Kind cluster that was half made when up was killed is made anew', async ({ stage }) => {
  await stage.failAt('kind create');
  await stage.up(flags);
  await stage.failAt('');
  await stage.write('stub/clusters', 'v2-verifier\n');
  const { outcome, calls } = await stage.up(flags);
  expect(outcome).toBe('usable');
  expect(
    changes(calls)
      .slice(0, 2)
      .map((call) => call.split(' ').slice(0, 2).join(' ')),
  ).toEqual(['kind delete', 'kind create']);
});

test('a release that a killed helm left pending is forgotten before helm is called again', async ({ stage }) => {
  await stage.failAt('helm upgrade');
  expect((await stage.up(flags)).outcome).toBe('failed');
  await stage.failAt('');
  await stage.write('stub/pending-release', 'secret/sh.helm.release.v1.longhorn.v1\n');
  const { outcome, said, calls } = await stage.up(flags);
  expect(outcome, said).toBe('usable');
  const [forgotten, again] = changes(calls);
  expect(forgotten).toMatch(/ delete secrets --selector owner=helm,name=longhorn,status in \(pending-install,/);
  expect(again).toMatch(/^helm upgrade/);
});

test('a pending release of somebody else is left alone', async ({ stage }) => {
  await stage.write('stub/pending-release', 'secret/sh.helm.release.v1.longhorn.v1\n');
  const { outcome, said, calls } = await stage.up(flags);
  expect(outcome).toBe('failed');
  expect(said).toContain('another operation (install/upgrade/rollback) is in progress');
  expect(changes(calls).filter((call) => call.includes('delete secrets'))).toEqual([]);
});

test('all that is left to a person is said at once, with what root has to type, before anything is made', async ({
  stage,
}) => {
  await stage.write('root/proc/modules', 'vfio_pci 1 0 - Live\n');
  await stage.write('root/lib/modules/6.8.0-generic/modules.builtin', 'kernel/drivers/nvme/host/nvme-tcp.ko\n');
  await stage.write('root/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', '64\n');
  const { outcome, said, calls } = await stage.up(flags);
  expect(outcome).toBe('left-to-person');
  expect(said).toContain('not loaded: uio_pci_generic, dm_crypt');
  expect(said).toContain('as root: modprobe -a');
  expect(said).toContain('as root: sysctl -w vm.nr_hugepages=2048');
  expect(changes(calls)).toEqual([]);
  expect(await stage.exists('state')).toBe(false);
});

test('where the running kernel has no modules to load, modprobe is not advised', async ({ stage }) => {
  await stage.write('root/proc/modules', 'vfio_pci 1 0 - Live\n');
  const { outcome, said } = await stage.up(flags);
  expect(outcome).toBe('left-to-person');
  expect(said).toContain('not loaded: nvme_tcp, uio_pci_generic, dm_crypt; there is no /lib/modules/6.8.0-generic');
  expect(said).toContain('reboot if the kernel was updated');
  expect(said).not.toContain('as root: modprobe');
});

test('a program that is too old or missing is named before anything is made', async ({ stage }) => {
  await stage.write('stub/fail-at', 'docker version');
  await stage.write('stub/fail-with', 'Cannot connect to the Docker daemon');
  const { outcome, said, calls } = await stage.up(flags);
  expect(outcome).toBe('left-to-person');
  expect(said).toContain('Cannot connect to the Docker daemon');
  expect(changes(calls)).toEqual([]);
});

test('other options for a cluster that was begun are refused, and say what differs', async ({ stage }) => {
  await stage.failAt('kind create');
  await stage.up(flags);
  await expect(stage.up('--longhorn 1.8.1 --nodes 2')).rejects.toThrow(/longhorn: "1.8.0" then, "1.8.1" now/);
  await expect(stage.up('--longhorn 1.8.0 --nodes 3')).rejects.toThrow(/shape: .*2.* then, .*3.* now/);
});
