import { expect, test } from '@playwright/test';
import type { DataPlaneEvent, DataPlaneHooks } from '../../../embedded/faults/hooks.ts';
import { imageOf, mebibyte, patterned, Rig } from './data-plane-rig.ts';
import { VolumeClient } from './volume-client.ts';

const sizeMib = 8;
const image = imageOf('parrot', 'dd-d');

/** A rebuild of `vol-r-c` from `vol-r-b` under the hooks; `good` and `bad` are what the two replicas hold afterwards. */
async function rebuiltUnder(
  hooks: DataPlaneHooks,
): Promise<{ rig: Rig; client: VolumeClient; good: Buffer; bad: Buffer }> {
  const rig = await Rig.start({ hooks });
  for (const node of [1, 2, 3]) await rig.image('parrot', image, node);
  const b = await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' });
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, { 'vol-r-b': b }));
  await client.write(mebibyte, patterned('first', mebibyte));
  await rig.node(1).engineSnapshotCreate({ engineName: 'vol-e-0', snapshotName: 'user-1', userCreated: true });
  await client.write(5 * mebibyte, patterned('second', 2 * mebibyte));
  await rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  return { rig, client, good: rig.replicaContent('vol-r-b', 2), bad: rig.replicaContent('vol-r-c', 3) };
}

const wrong = (good: Buffer, bad: Buffer): number[] =>
  Array.from({ length: sizeMib }, (_, cluster) => cluster).filter(
    (cluster) =>
      !good
        .subarray(cluster * mebibyte, (cluster + 1) * mebibyte)
        .equals(bad.subarray(cluster * mebibyte, (cluster + 1) * mebibyte)),
  );

test('without hooks nothing differs', async () => {
  const { rig, good, bad } = await rebuiltUnder({});
  expect(wrong(good, bad)).toEqual([]);
  await rig.close();
});

test('a dropped parent shows as the clusters that only the image has', async () => {
  const { rig, good, bad } = await rebuiltUnder({
    rebuildParent: ({ wanted }) => (wanted.startsWith('bi-') ? '' : wanted),
  });
  expect(wrong(good, bad)).toEqual([0, 3]);
  await rig.close();
});

test('a skipped cluster is missing, a replaced one holds the other bytes, a moved one is in the wrong place', async () => {
  const skipped = await rebuiltUnder({
    clusterCopy: ({ index }) => (index === 5 ? { kind: 'skip' } : { kind: 'copy' }),
  });
  expect(wrong(skipped.good, skipped.bad)).toEqual([5]);
  const replaced = await rebuiltUnder({
    clusterCopy: ({ index }) =>
      index === 6 ? { kind: 'replace', content: patterned('garbage', mebibyte) } : { kind: 'copy' },
  });
  expect(wrong(replaced.good, replaced.bad)).toEqual([6]);
  expect(replaced.bad.subarray(6 * mebibyte, 7 * mebibyte).equals(patterned('garbage', mebibyte))).toBe(true);
  const moved = await rebuiltUnder({
    clusterCopy: ({ index, destination }) =>
      index === 5 ? { kind: 'place', lvol: destination, index: 7 } : { kind: 'copy' },
  });
  expect(wrong(moved.good, moved.bad)).toEqual([5, 7]);
  for (const { rig } of [skipped, replaced, moved]) await rig.close();
});

test('a skipped finish leaves the head on the source, right until the source is gone', async () => {
  const { rig, client, good, bad } = await rebuiltUnder({
    rebuildStep: (step) => (step === 'set-head-parent' ? 'skip' : 'run'),
  });
  expect(wrong(good, bad)).toEqual([]);
  const address = rig.node(1).engineGet('vol-e-0')?.replicaAddresses['vol-r-b'] ?? '';
  await rig.node(1).engineReplicaDelete({ engineName: 'vol-e-0', replicaName: 'vol-r-b', address });
  await rig.node(2).replicaDelete({ name: 'vol-r-b', cleanupRequired: true });
  await expect(client.read(0, 4096)).rejects.toThrow('NBD error 5');
  await rig.close();
});

test('a head finished onto an older snapshot loses the newest layer', async () => {
  const { rig, good, bad } = await rebuiltUnder({
    finishParent: ({ candidates, wanted }) => candidates.find((name) => name.endsWith('user-1')) ?? wanted,
  });
  expect(wrong(good, bad)).toEqual([5, 6]);
  await rig.close();
});

test('writes can be dropped on one replica, come late, or be left unnoticed', async () => {
  let late: () => void = () => undefined;
  const when = new Promise<void>((resolve) => {
    late = resolve;
  });
  const { rig, client } = await rebuiltUnder({
    baseBdevWrite: ({ replica, offset }) => {
      if (replica !== 'vol-r-c') return { kind: 'apply' };
      if (offset === 0) return { kind: 'drop' };
      return offset === 2 * mebibyte ? { kind: 'later', when } : { kind: 'apply' };
    },
  });
  await client.write(0, patterned('dropped', 4096));
  await client.write(2 * mebibyte, patterned('late', 4096));
  const differing = (): number[] => wrong(rig.replicaContent('vol-r-b', 2), rig.replicaContent('vol-r-c', 3));
  expect(differing()).toEqual([0, 2]);
  late();
  await expect.poll(differing).toEqual([0]);
  await rig.close();
});

test('a late write whose replica is deleted by then is lost, and nothing else', async () => {
  let late: () => void = () => undefined;
  const when = new Promise<void>((resolve) => {
    late = resolve;
  });
  const { rig, client } = await rebuiltUnder({
    baseBdevWrite: ({ replica, offset }) =>
      replica === 'vol-r-c' && offset === 0 ? { kind: 'later', when } : { kind: 'apply' },
  });
  await client.write(0, patterned('late', 4096));
  const address = rig.node(1).engineGet('vol-e-0')?.replicaAddresses['vol-r-c'] ?? '';
  await rig.node(1).engineReplicaDelete({ engineName: 'vol-e-0', replicaName: 'vol-r-c', address });
  await rig.node(3).replicaDelete({ name: 'vol-r-c', cleanupRequired: true });
  const rejections: unknown[] = [];
  const listener = (reason: unknown): void => void rejections.push(reason);
  process.once('unhandledRejection', listener);
  late();
  await new Promise((resolve) => setTimeout(resolve, 0));
  process.off('unhandledRejection', listener);
  expect(rejections).toEqual([]);
  expect((await client.read(0, 4096)).equals(patterned('late', 4096))).toBe(true);
  await rig.close();
});

test('a write error on one replica makes it ERR and the others go on', async () => {
  const { rig, client } = await rebuiltUnder({
    baseBdevWrite: ({ replica }) => (replica === 'vol-r-c' ? { kind: 'fail' } : { kind: 'apply' }),
  });
  await client.write(0, patterned('survives', 4096));
  expect(rig.node(1).engineGet('vol-e-0')?.replicaModes).toEqual({ 'vol-r-b': 'RW', 'vol-r-c': 'ERR' });
  expect((await client.read(0, 4096)).equals(patterned('survives', 4096))).toBe(true);
  await rig.close();
});

test('the events tell the story of a rebuild in its order', async () => {
  const told: string[] = [];
  const { rig } = await rebuiltUnder({
    event: (event: DataPlaneEvent) => {
      if (event.kind === 'rebuild-step') told.push(event.step);
      if (event.kind === 'rebuild-ended') told.push(event.outcome);
    },
  });
  expect(told).toEqual([
    'suspend-before-snapshot',
    'snapshot-sources',
    'expose-source',
    'destination-head',
    'delete-extra-lvols',
    'grow-raid',
    'resume-after-grow',
    'shallow-copy',
    'snapshot-destination',
    'shallow-copy',
    'snapshot-destination',
    'suspend-before-finish',
    'set-head-parent',
    'destination-cleanup',
    'mark-read-write',
    'resume-after-finish',
    'complete',
  ]);
  await rig.close();
});
