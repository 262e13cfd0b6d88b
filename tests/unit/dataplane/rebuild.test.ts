import { expect, test } from '@playwright/test';
import { chainOf } from '../../../embedded/dataplane/engine/replica-chain.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { imageOf, mebibyte, patterned, Rig, type RigOptions, signal } from './data-plane-rig.ts';
import { VolumeClient } from './volume-client.ts';

const sizeMib = 12;
// Clusters of the image: data, hole, data, data, hole, data; the volume goes on beyond it.
const image = imageOf('parrot', 'd-dd-d');

interface Scene {
  rig: Rig;
  client: VolumeClient;
  /** What every replica must read as. */
  truth: Buffer;
  write(offset: number, data: Buffer): Promise<void>;
}

/** Two replicas on node 1 and 2 over the image, written in a few places, with a user snapshot in between. */
async function scene(options: RigOptions & { sourceDisk?: number } = {}): Promise<Scene> {
  const rig = await Rig.start(options);
  for (const node of [1, 2, 3])
    for (let disk = 1; disk <= (options.disksPerNode ?? 1); disk++) await rig.image('parrot', image, node, disk);
  const a = await rig.replica('vol-r-a', 1, sizeMib, { image: 'parrot' });
  const b = await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' });
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, { 'vol-r-a': a, 'vol-r-b': b }));
  const truth = Buffer.concat([image, Buffer.alloc(sizeMib * mebibyte - image.length)]);
  const write = async (offset: number, data: Buffer): Promise<void> => {
    await client.write(offset, data);
    data.copy(truth, offset);
  };
  await write(4096, patterned('part of a data cluster', 512));
  await write(mebibyte + 8192, patterned('part of a hole', 4096));
  await write(8 * mebibyte - 2048, patterned('across an edge past the image', 4096));
  await rig.node(1).engineSnapshotCreate({ engineName: 'vol-e-0', snapshotName: 'user-1', userCreated: true });
  await write(3 * mebibyte, patterned('a whole cluster', mebibyte));
  return { rig, client, truth, write };
}

async function replaceA({ rig }: Scene, disk = 1, node = 3): Promise<void> {
  const address = rig.node(1).engineGet('vol-e-0')?.replicaAddresses['vol-r-a'] ?? '';
  await rig.node(1).replicaDelete({ name: 'vol-r-a', cleanupRequired: true });
  await rig.node(1).engineReplicaDelete({ engineName: 'vol-e-0', replicaName: 'vol-r-a', address });
  await rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', node, sizeMib, { image: 'parrot', disk }));
}

/** The clusters in which the content differs, and whether it holds zeros there. */
function wrongClusters(content: Buffer, truth: Buffer): { cluster: number; zeros: boolean }[] {
  const wrong: { cluster: number; zeros: boolean }[] = [];
  for (let cluster = 0; cluster * mebibyte < truth.length; cluster++) {
    const [is, should] = [content, truth].map((whole) => whole.subarray(cluster * mebibyte, (cluster + 1) * mebibyte));
    if (is?.equals(should ?? Buffer.alloc(0)) === false) wrong.push({ cluster, zeros: is.every((byte) => byte === 0) });
  }
  return wrong;
}

const modes = (rig: Rig): Record<string, string> => ({ ...rig.node(1).engineGet('vol-e-0')?.replicaModes });

test('both replicas hold what was written over the image', async () => {
  const { rig, truth } = await scene();
  expect(rig.replicaContent('vol-r-a', 1).equals(truth)).toBe(true);
  expect(rig.replicaContent('vol-r-b', 2).equals(truth)).toBe(true);
  await rig.close();
});

for (const version of ['1.8.1', '1.9.0', '1.11.3'] satisfies LonghornVersion[]) {
  test(`${version} rebuilds a replica that holds every byte and hangs on its own disk's image`, async () => {
    const made = await scene({ version });
    await replaceA(made);
    const { rig, truth } = made;
    expect(modes(rig)).toEqual({ 'vol-r-b': 'RW', 'vol-r-c': 'RW' });
    expect(wrongClusters(rig.replicaContent('vol-r-c', 3), truth)).toEqual([]);
    const head = rig.node(3).services.replicas.get('vol-r-c')?.head();
    expect(head === undefined ? '' : chainOf(head).at(-1)?.name).toBe(`bi-parrot-disk-${rig.diskUuid(3)}`);
    await rig.close();
  });
}

test('1.8.0 rebuilds a replica that reads zeros exactly where only the image has data', async () => {
  const made = await scene({ version: '1.8.0' });
  await replaceA(made);
  const { rig, truth } = made;
  // Image data is in clusters 0, 2, 3 and 5; the volume wrote to 0 and 3.
  expect(wrongClusters(rig.replicaContent('vol-r-c', 3), truth)).toEqual([
    { cluster: 2, zeros: true },
    { cluster: 5, zeros: true },
  ]);
  expect(wrongClusters(rig.replicaContent('vol-r-b', 2), truth)).toEqual([]);
  await rig.close();
});

test('1.8.0 is right when source and target are on the same disk', async () => {
  const made = await scene({ version: '1.8.0' });
  await replaceA(made, 1, 2);
  expect(wrongClusters(made.rig.replicaContent('vol-r-c', 2), made.truth)).toEqual([]);
  await made.rig.close();
});

test('1.9.0-rc2 is wrong on another disk and on the same disk too', async () => {
  for (const node of [3, 2]) {
    const made = await scene({ version: '1.9.0-rc2' });
    await replaceA(made, 1, node);
    expect(wrongClusters(made.rig.replicaContent('vol-r-c', node), made.truth)).toEqual([
      { cluster: 2, zeros: true },
      { cluster: 5, zeros: true },
    ]);
    await made.rig.close();
  }
});

test('after 1.8.0 a small write repairs nothing but itself on the bad replica', async () => {
  const made = await scene({ version: '1.8.0' });
  await replaceA(made);
  await made.write(2 * mebibyte + 4096, patterned('after', 4096));
  const content = made.rig.replicaContent('vol-r-c', 3);
  expect(content.subarray(2 * mebibyte + 4096, 2 * mebibyte + 8192).equals(patterned('after', 4096))).toBe(true);
  expect(content.subarray(2 * mebibyte + 8192, 3 * mebibyte).every((byte) => byte === 0)).toBe(true);
  await made.rig.close();
});

test('the shallow copy takes the owned clusters only, and both replicas show the same allocation', async () => {
  const made = await scene();
  await replaceA(made);
  const allocation = (node: number, replica: string): [string, number][] =>
    Object.values(made.rig.node(node).replicaGet(replica)?.snapshots ?? {})
      .map(({ name, sizeBytes }): [string, number] => [name.replace(/^rebuild-.*/, 'rebuild'), sizeBytes / mebibyte])
      .sort(([left], [right]) => left.localeCompare(right));
  expect(allocation(3, 'vol-r-c')).toEqual([
    ['rebuild', 1],
    ['user-1', 4],
  ]);
  expect(allocation(2, 'vol-r-b')).toEqual(allocation(3, 'vol-r-c'));
  await made.rig.close();
});

test('while it is rebuilt the replica takes reads and writes, and a write heals its cluster also in 1.8.0', async () => {
  const held = signal<'run'>();
  const reached = signal<'run'>();
  const seen = new Set<string>();
  const made = await scene({
    version: '1.8.0',
    hooks: {
      rebuildStep: (step) => {
        if (step !== 'suspend-before-finish') return 'run';
        reached.resolve('run');
        return held.promise;
      },
      event: (event) => {
        if (event.kind === 'raid-read') seen.add(event.replica);
      },
    },
  });
  const rebuilt = replaceA(made);
  await reached.promise;
  expect(modes(made.rig)).toEqual({ 'vol-r-b': 'RW', 'vol-r-c': 'WO' });
  seen.clear();
  expect((await made.client.read(0, sizeMib * mebibyte)).equals(made.truth)).toBe(true);
  expect([...seen].sort()).toEqual(['vol-r-b', 'vol-r-c']);
  await made.write(2 * mebibyte + 512, patterned('during', 512));
  held.resolve('run');
  await rebuilt;
  expect(wrongClusters(made.rig.replicaContent('vol-r-c', 3), made.truth)).toEqual([{ cluster: 5, zeros: true }]);
  await made.rig.close();
});

test('the rebuilt replica takes the slot of the one that left', async () => {
  const made = await scene();
  const slots = (): (string | undefined)[] =>
    made.rig
      .node(1)
      .engines.get('vol-e-0')
      ?.device.raid.slots.map((bdev) => bdev?.name) ?? [];
  const slotOfA = slots().indexOf('vol-r-a');
  await replaceA(made);
  expect(slots().indexOf('vol-r-c')).toBe(slotOfA);
  expect(slots()).toHaveLength(2);
  await made.rig.close();
});

test('up to 1.8.2 a rebuild swallows other images on the target node, and the neighbour notices', async () => {
  for (const { version, swallowed } of [
    { version: '1.8.1', swallowed: true },
    { version: '1.9.0', swallowed: false },
  ] as const) {
    const made = await scene({ version });
    const { rig } = made;
    const other = imageOf('other', 'dd');
    await rig.image('other', other, 3);
    await rig.replica('bystander-r-a', 3, 4, { image: 'other' });
    await rig.engine('bystander', 4, { 'bystander-r-a': rig.node(3).replicaGet('bystander-r-a')?.ip ?? '' }, 3);
    const before = rig.replicaContent('bystander-r-a', 3);
    await replaceA(made);
    expect(rig.node(3).backingImageGet('other', rig.diskUuid(3)) === undefined).toBe(swallowed);
    expect(rig.replicaContent('bystander-r-a', 3).equals(before)).toBe(true);
    expect(rig.node(3).replicaGet('bystander-r-a')?.state).toBe(swallowed ? 'error' : 'running');
    expect(wrongClusters(rig.replicaContent('vol-r-c', 3), made.truth)).toEqual([]);
    await rig.close();
  }
});

test('a rebuild that fails leaves the replica ERR with the reason and the volume readable', async () => {
  const made = await scene({
    hooks: { rebuildStep: (step) => (step === 'snapshot-destination' ? { fail: 'no space for it' } : 'run') },
  });
  await replaceA(made);
  expect(modes(made.rig)).toEqual({ 'vol-r-b': 'RW', 'vol-r-c': 'ERR' });
  expect(made.rig.node(3).replicaGet('vol-r-c')).toMatchObject({ state: 'error', errorMessage: 'no space for it' });
  expect((await made.client.read(0, sizeMib * mebibyte)).equals(made.truth)).toBe(true);
  await made.rig.close();
});

test('only one replica can be rebuilt at a time', async () => {
  const held = signal<'run'>();
  const made = await scene({ hooks: { rebuildStep: (step) => (step === 'shallow-copy' ? held.promise : 'run') } });
  const c = await made.rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' });
  const d = await made.rig.replica('vol-r-d', 3, sizeMib, { image: 'parrot' });
  await made.rig.node(1).engineReplicaAdd({ engineName: 'vol-e-0', replicaName: 'vol-r-c', address: c });
  await expect(
    made.rig.node(1).engineReplicaAdd({ engineName: 'vol-e-0', replicaName: 'vol-r-d', address: d }),
  ).rejects.toThrow('already a rebuilding replica vol-r-c');
  held.resolve('run');
  await made.rig.close();
});

test('a branch by revert is rebuilt with its own content', async () => {
  const made = await scene();
  const { rig } = made;
  await rig.node(1).engineSnapshotCreate({ engineName: 'vol-e-0', snapshotName: 'user-2', userCreated: true });
  const reverted = await VolumeClient.open(await rig.revert('vol', 'user-1'));
  await reverted.write(6 * mebibyte, patterned('branch', 4096));
  const branch = rig.replicaContent('vol-r-b', 2);
  await replaceA(made);
  expect(rig.replicaContent('vol-r-c', 3).equals(branch)).toBe(true);
  await rig.revert('vol', 'user-2');
  expect(wrongClusters(rig.replicaContent('vol-r-c', 3), made.truth)).toEqual([]);
  await rig.close();
});

test('a revert is refused in the engine’s words: with a frontend, during a rebuild, to a snapshot that is not there', async () => {
  const held = signal<'run'>();
  const made = await scene({ hooks: { rebuildStep: (step) => (step === 'shallow-copy' ? held.promise : 'run') } });
  const { rig } = made;
  const spdk = rig.node(1);
  const revert = (snapshotName: string): Promise<void> =>
    spdk.engineSnapshotRevert({ engineName: 'vol-e-0', snapshotName });
  await expect(revert('user-1')).rejects.toThrow(
    'invalid frontend spdk-tcp-blockdev for engine vol-e-0 snapshot user-1 revert',
  );
  const { replicaAddresses = {} } = spdk.engineGet('vol-e-0') ?? {};
  await spdk.engineDelete('vol-e-0');
  await rig.engine('vol', sizeMib, replicaAddresses, 1, '');
  await expect(revert('user-9')).rejects.toThrow(/replica vol-r-[ab] does not contain the reverting snapshot user-9/);
  const c = await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' });
  await spdk.engineReplicaAdd({ engineName: 'vol-e-0', replicaName: 'vol-r-c', address: c });
  await expect(revert('user-1')).rejects.toThrow(
    'engine vol-e-0 contains WO replica vol-r-c during snapshot user-1 revert',
  );
  held.resolve('run');
  await rig.close();
});

test('a rebuild under writes ends with equal replicas', async () => {
  const made = await scene();
  let more = true;
  const rebuilt = replaceA(made).finally(() => {
    more = false;
  });
  for (let round = 0; more; round++)
    await made.write((round * 37 * 4096) % (sizeMib * mebibyte - 8192), patterned(`round ${round}`, 4096));
  await rebuilt;
  expect(wrongClusters(made.rig.replicaContent('vol-r-c', 3), made.truth)).toEqual([]);
  expect(wrongClusters(made.rig.replicaContent('vol-r-b', 2), made.truth)).toEqual([]);
  await made.rig.close();
});
