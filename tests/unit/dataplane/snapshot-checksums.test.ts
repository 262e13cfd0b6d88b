/** Checksums of snapshots and what a rebuild makes of them when a replica is used again. */
import { expect, test } from '@playwright/test';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { crc64 } from '../../../embedded/dataplane/blobstore/crc64.ts';
import { storedChecksum } from '../../../embedded/dataplane/blobstore/snapshot-checksums.ts';
import type { Lvol } from '../../../embedded/dataplane/blobstore/lvol.ts';
import { goSpdkHelperPath } from '../../../embedded/dataplane/go-spdk-helper.ts';
import type { DataPlaneHooks } from '../../../embedded/faults/hooks.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { imageOf, mebibyte, patterned, Rig, until } from './data-plane-rig.ts';
import { VolumeClient } from './volume-client.ts';

const sizeMib = 8;
const engineName = 'vol-e-0';

test('CRC-64/NVME has its check value, in pieces too', () => {
  const text = Buffer.from('123456789');
  expect(crc64(text)).toBe(0xae8b14860a799888n);
  expect(crc64(text.subarray(5), crc64(text.subarray(0, 5)))).toBe(crc64(text));
});

/** Two replicas b and c on nodes 2 and 3, cluster 1 and 2 written, snapshot `one`, cluster 5 and 6 written. */
async function volumeWithSnapshot(options: { version?: LonghornVersion; hooks?: DataPlaneHooks } = {}) {
  const rig = await Rig.start(options);
  for (const node of [2, 3]) await rig.image('parrot', imageOf('parrot', 'dddd'), node);
  const addresses = {
    'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }),
    'vol-r-c': await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }),
  };
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, addresses));
  await client.write(mebibyte + 4096, patterned('first', 8192));
  await client.write(2 * mebibyte, patterned('second', mebibyte / 2));
  await rig.node(1).engineSnapshotCreate({ engineName, snapshotName: 'one', userCreated: true });
  await client.write(5 * mebibyte, patterned('later', 2 * mebibyte));
  const snapshot = (replica: string, node: number, name = 'one'): Lvol => {
    const found = rig.node(node).services.replicas.get(replica)?.snapshotLvol(name);
    if (found === undefined) throw new Error(`no replica ${replica} on node ${String(node)}`);
    return found;
  };
  return { rig, client, snapshot };
}

async function hash(rig: Rig, snapshotName = 'one'): Promise<void> {
  await rig.node(1).engineSnapshotHash({ engineName, snapshotName, rehash: false });
  await until(
    () =>
      Object.values(rig.node(1).engineSnapshotHashStatus({ engineName, snapshotName })).every(
        ({ state }) => state === 'complete',
      ),
    'checksums',
  );
}

/** Replica c fails; what is written meanwhile it misses; then it is started and rebuilt on what it has. */
async function failAndReuse(
  { rig, client }: { rig: Rig; client: VolumeClient },
  options: { fastSync?: boolean; whileAway?: () => void | Promise<void> } = {},
): Promise<void> {
  const address = rig.node(3).replicaGet('vol-r-c');
  await rig.node(3).replicaDelete({ name: 'vol-r-c', cleanupRequired: false });
  await rig.node(1).engineReplicaDelete({ engineName, replicaName: 'vol-r-c', address: `${address?.ip ?? ''}:0` });
  await client.write(6 * mebibyte + 512, patterned('while away', 4096));
  await options.whileAway?.();
  const again = await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' });
  const { fastSync } = options;
  const asked = fastSync === undefined ? {} : { fastSync };
  await rig.node(1).engineReplicaAdd({ engineName, replicaName: 'vol-r-c', address: again, ...asked });
  await until(() => rig.node(1).engineGet(engineName)?.replicaModes['vol-r-c'] !== 'WO', 'rebuild of vol-r-c');
}

function reuses(): { seen: string[]; hooks: DataPlaneHooks } {
  const seen: string[] = [];
  const hooks: DataPlaneHooks = {
    event(event) {
      if (event.kind === 'snapshot-reuse') seen.push(event.reuse);
      if (event.kind === 'cluster-copied') seen.push(String(event.index));
    },
  };
  return { seen, hooks };
}

test('a checksum covers what the layer owns: equal on all replicas, 0 for an empty layer, gone after a merge', async () => {
  const { rig, snapshot } = await volumeWithSnapshot();
  await hash(rig);
  expect(storedChecksum(snapshot('vol-r-b', 2))).toMatch(/^[1-9]\d+$/);
  expect(storedChecksum(snapshot('vol-r-c', 3))).toBe(storedChecksum(snapshot('vol-r-b', 2)));
  await rig.node(1).engineSnapshotCreate({ engineName, snapshotName: 'two', userCreated: true });
  await rig.node(1).engineSnapshotCreate({ engineName, snapshotName: 'empty', userCreated: true });
  await hash(rig, 'two');
  await hash(rig, 'empty');
  expect(storedChecksum(snapshot('vol-r-b', 2, 'empty'))).toBe('0');
  await rig.node(1).engineSnapshotDelete({ engineName, snapshotName: 'one' });
  expect(storedChecksum(snapshot('vol-r-b', 2, 'two'))).toBe('');
  await rig.close();
});

test('a checksum sees neither the parent nor where a cluster is', async () => {
  const { rig, snapshot } = await volumeWithSnapshot();
  await hash(rig);
  const moved = snapshot('vol-r-c', 3);
  const before = storedChecksum(moved);
  const content = Buffer.alloc(mebibyte);
  moved.read(2 * mebibyte, content);
  moved.adoptCluster(3, content);
  moved.releaseCluster(2);
  const store = [...rig.node(3).services.stores.values()][0];
  store?.orphan(moved);
  await rig.node(3).services.checksums.register(moved, { ranges: true });
  expect(storedChecksum(moved)).toBe(before);
  await rig.close();
});

for (const { version, hashed } of [
  { version: '1.8.1', hashed: true },
  { version: '1.9.1', hashed: false },
  { version: '1.11.3', hashed: false },
] as const) {
  test(`${version} has a new snapshot hashed by its engine alone: ${String(hashed)}`, async () => {
    const { rig, snapshot } = await volumeWithSnapshot({ version });
    rig.node(1).engineGet(engineName);
    await until(() => !rig.node(2).services.checksums.isRunning(snapshot('vol-r-b', 2)), 'checksums');
    expect(storedChecksum(snapshot('vol-r-b', 2)) !== '').toBe(hashed);
    await rig.close();
  });
}

test('a replica that is used again keeps a snapshot whose checksum is equal, and misses no write', async () => {
  const { seen, hooks } = reuses();
  const volume = await volumeWithSnapshot({ hooks });
  await hash(volume.rig);
  const { uuid } = volume.snapshot('vol-r-c', 3);
  await failAndReuse(volume);
  expect(seen).toEqual(['intact', '5', '6']);
  expect(volume.snapshot('vol-r-c', 3).uuid).toBe(uuid);
  expect(volume.rig.replicaContent('vol-r-c', 3).equals(volume.rig.replicaContent('vol-r-b', 2))).toBe(true);
  await volume.rig.close();
});

test('an outdated snapshot is brought up to date by its range checksums, cluster for cluster', async () => {
  const { seen, hooks } = reuses();
  const volume = await volumeWithSnapshot({ hooks });
  const old = volume.snapshot('vol-r-c', 3);
  old.adoptCluster(2, Buffer.alloc(mebibyte, 7));
  old.adoptCluster(4, Buffer.alloc(mebibyte, 8));
  await hash(volume.rig);
  await failAndReuse(volume);
  expect(seen).toEqual(['ranges', '2', '5', '6']);
  expect(volume.snapshot('vol-r-c', 3).ownedClusters()).toEqual([1, 2]);
  expect(volume.rig.replicaContent('vol-r-c', 3).equals(volume.rig.replicaContent('vol-r-b', 2))).toBe(true);
  await volume.rig.close();
});

for (const { version, fastSync, reuse, why } of [
  { version: '1.9.1', fastSync: true, reuse: 'intact', why: 'its checksum is equal' },
  { version: '1.11.0', fastSync: false, reuse: 'intact', why: 'that release does not ask for fast sync' },
  { version: '1.11.1', fastSync: false, reuse: 'ranges', why: 'fast sync is not asked for' },
] as const) {
  test(`${version}: a snapshot that is there already is taken as ${reuse}, because ${why}`, async () => {
    const { seen, hooks } = reuses();
    const volume = await volumeWithSnapshot({ version, hooks });
    await hash(volume.rig);
    await failAndReuse(volume, { fastSync });
    expect(seen[0]).toBe(reuse);
    expect(volume.rig.replicaContent('vol-r-c', 3).equals(volume.rig.replicaContent('vol-r-b', 2))).toBe(true);
    await volume.rig.close();
  });
}

for (const version of ['1.8.0', '1.8.2'] as const) {
  test(`${version}: an intact snapshot on the image fails the rebuild, which looks for the image of the source's disk`, async () => {
    const { seen, hooks } = reuses();
    const errors: string[] = [];
    const volume = await volumeWithSnapshot({
      version,
      hooks: {
        event: (event) => (event.kind === 'rebuild-ended' ? void errors.push(event.error) : hooks.event?.(event)),
      },
    });
    await hash(volume.rig);
    await failAndReuse(volume);
    expect(seen).toEqual(['intact']);
    expect(errors).toEqual([expect.stringContaining(`bi-parrot-disk-${volume.rig.diskUuid(2)}: No such device`)]);
    expect(volume.rig.node(1).engineGet(engineName)?.replicaModes['vol-r-c']).not.toBe('RW');
    await volume.rig.close();
  });
}

test('without a checksum a snapshot that is there already is copied as a whole: two times nothing is not equal', async () => {
  const { seen, hooks } = reuses();
  const volume = await volumeWithSnapshot({ hooks });
  await failAndReuse(volume);
  expect(seen).toEqual(['replace', '1', '2', '5', '6']);
  await volume.rig.close();
});

test('go-spdk-helper has a snapshot hashed, reads all 64 bits, and says when there is nothing', async () => {
  const { rig, snapshot } = await volumeWithSnapshot();
  const { alias } = snapshot('vol-r-b', 2);
  const helper = (...words: string[]) =>
    promisify(execFile)(process.execPath, [goSpdkHelperPath, 'bdev-lvol', ...words, '--alias', alias], {
      env: { SPDK_RPC_SOCKET: rig.node(2).rpcSocket },
    });
  await expect(helper('get-snapshot-checksum')).rejects.toThrow(/No such device/);
  expect((await helper('register-range-checksums')).stdout).toBe('true\n');
  const stored = storedChecksum(snapshot('vol-r-b', 2));
  expect((await helper('get-snapshot-checksum')).stdout).toBe(`"${stored}"\n`);
  const { stdout } = await helper('get-range-checksums', '--cluster-start-index', '0', '--cluster-count', '2');
  expect(stdout).toMatch(/^\{\n\t"0": 0,\n\t"1": [1-9]\d+\n\}\n$/);
  await rig.close();
});

test('a checksum that is being computed when the target dies is not stored', async () => {
  const { rig, client, snapshot } = await volumeWithSnapshot();
  await rig.node(1).engineSnapshotHash({ engineName, snapshotName: 'one', rehash: false });
  const [ofB, ofC] = [snapshot('vol-r-b', 2), snapshot('vol-r-c', 3)];
  await rig.node(2).crash();
  await until(() => storedChecksum(ofC) !== '', 'the checksum on the node that lives');
  expect(storedChecksum(ofB)).toBe('');
  client.close();
  await rig.close();
});
