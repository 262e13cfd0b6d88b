import { expect, test } from '@playwright/test';
import { cloneEntrypointOf } from '../../../embedded/dataplane/engine/clone-entrypoint.ts';
import { chainOf } from '../../../embedded/dataplane/engine/replica-chain.ts';
import type { DataPlaneHooks } from '../../../embedded/faults/hooks.ts';
import { imageOf, mebibyte, patterned, Rig, until } from './data-plane-rig.ts';
import { VolumeClient } from './volume-client.ts';

const sizeMib = 8;
const content = imageOf('source', 'd-dd-d');
const address = (rig: Rig, node: number, engine: string): string => {
  const info = rig.node(node).engineGet(engine);
  return `${info?.ip ?? ''}:${info?.port ?? 0}`;
};

interface Scene {
  readonly rig: Rig;
  readonly client: VolumeClient;
  readonly truth: Buffer;
}

/** A source on node 1 and 2 that holds the content, and a linked clone of it on the same disks, with one write. */
async function scene(hooks: DataPlaneHooks = {}): Promise<Scene> {
  const rig = await Rig.start({ version: '1.12.1', hooks });
  const source = {
    'src-r-a': await rig.replica('src-r-a', 1, sizeMib),
    'src-r-b': await rig.replica('src-r-b', 2, sizeMib),
  };
  const writer = await VolumeClient.open(await rig.engine('src', sizeMib, source));
  for (const cluster of [0, 2, 3, 5]) {
    await writer.write(cluster * mebibyte, content.subarray(cluster * mebibyte, (cluster + 1) * mebibyte));
  }
  await rig.node(1).engineSnapshotCreate({ engineName: 'src-e-0', snapshotName: 'shot', userCreated: true });
  const clone = {
    'vol-r-a': await rig.replica('vol-r-a', 1, sizeMib),
    'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib),
  };
  const uri = await rig.engine('vol', sizeMib, clone, 2);
  await rig.node(2).engineSnapshotClone({
    engineName: 'vol-e-0',
    snapshotName: 'shot',
    sourceEngineName: 'src-e-0',
    sourceEngineAddress: address(rig, 1, 'src-e-0'),
    sourceReplicas: { 'vol-r-a': 'src-r-a', 'vol-r-b': 'src-r-b' },
  });
  const client = await VolumeClient.open(uri);
  const truth = Buffer.concat([content, Buffer.alloc(sizeMib * mebibyte - content.length)]);
  const data = patterned('written to the clone', 4096);
  await client.write(2 * mebibyte + 8192, data);
  data.copy(truth, 2 * mebibyte + 8192);
  return { rig, client, truth };
}

async function replaceA({ rig }: Scene): Promise<void> {
  const gone = rig.node(2).engineGet('vol-e-0')?.replicaAddresses['vol-r-a'] ?? '';
  await rig.node(1).replicaDelete({ name: 'vol-r-a', cleanupRequired: true });
  await rig.node(2).engineReplicaDelete({ engineName: 'vol-e-0', replicaName: 'vol-r-a', address: gone });
  const linkedClone = { replicaName: 'src-r-a', engineName: 'src-e-0', engineAddress: address(rig, 1, 'src-e-0') };
  await rig.node(2).engineReplicaAdd({
    engineName: 'vol-e-0',
    replicaName: 'vol-r-c',
    address: await rig.replica('vol-r-c', 1, sizeMib),
    linkedClone,
  });
  await until(() => rig.node(2).engineGet('vol-e-0')?.replicaModes['vol-r-c'] !== 'WO', 'rebuild');
}

const chainNames = (rig: Rig, replica: string, node: number): string[] => {
  const head = rig.node(node).services.replicas.get(replica)?.head();
  return head === undefined ? [] : chainOf(head).map(({ name }) => name);
};

test('a linked clone shows the content of its source and hangs on the entrypoint of its own disk', async () => {
  const { rig, client, truth } = await scene();
  expect((await client.read(0, truth.length)).equals(truth)).toBe(true);
  expect(chainNames(rig, 'vol-r-a', 1)).toEqual(['vol-r-a', 'src-r-a-clone-ep-shot', 'src-r-a-snap-shot']);
  expect(chainNames(rig, 'vol-r-b', 2)).toEqual(['vol-r-b', 'src-r-b-clone-ep-shot', 'src-r-b-snap-shot']);
  await rig.close();
});

test('what is written to the clone does not show in its source', async () => {
  const { rig } = await scene();
  expect(rig.replicaContent('src-r-a', 1).subarray(0, content.length).equals(content)).toBe(true);
  await rig.close();
});

test('a rebuilt replica of the clone holds every byte and hangs on the entrypoint again', async () => {
  const made = await scene();
  await replaceA(made);
  const { rig, truth } = made;
  expect(rig.node(2).engineGet('vol-e-0')?.replicaModes).toEqual({ 'vol-r-b': 'RW', 'vol-r-c': 'RW' });
  expect(rig.replicaContent('vol-r-c', 1).equals(truth)).toBe(true);
  expect(chainNames(rig, 'vol-r-c', 1).slice(-2)).toEqual(['src-r-a-clone-ep-shot', 'src-r-a-snap-shot']);
  await rig.close();
});

test('a rebuild that leaves the entrypoint out reads zeros where only the source has data', async () => {
  const made = await scene({ rebuildParent: ({ wanted }) => (wanted.includes('-clone-ep-') ? '' : wanted) });
  await replaceA(made);
  const { rig, truth } = made;
  const found = rig.replicaContent('vol-r-c', 1);
  const wrong = Array.from({ length: sizeMib }, (_, index) => index).filter((index) => {
    const part = (buffer: Buffer): Buffer => buffer.subarray(index * mebibyte, (index + 1) * mebibyte);
    return !part(found).equals(part(truth));
  });
  expect(wrong).toEqual([0, 3, 5]);
  await rig.close();
});

test('snapshot and replica that a clone hangs on cannot be deleted', async () => {
  const { rig } = await scene();
  await expect(rig.node(1).engineSnapshotDelete({ engineName: 'src-e-0', snapshotName: 'shot' })).rejects.toThrow(
    /since clone entrypoint src-r-[ab]-clone-ep-shot still exists/,
  );
  await expect(rig.node(1).replicaDelete({ name: 'src-r-a', cleanupRequired: true })).rejects.toThrow(
    'still has 1 active clone replicas',
  );
  const head = rig.node(1).services.replicas.get('vol-r-a')?.head();
  expect(head === undefined ? undefined : cloneEntrypointOf(head)?.name).toBe('src-r-a-clone-ep-shot');
  await rig.close();
});
