/** Each fault of a rebuild, alone on a data plane: does it do what it says, and does it know whether it did. */
import { expect, test } from '@playwright/test';
import type { LivenessReport } from '../../../embedded/faults/liveness.ts';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import { imageOf, mebibyte, patterned, Rig } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 8;
// Cluster 0 and 3 only the image has, 1 and 2 are written in part over it, 5 and 6 over nothing, 7 nobody wrote.
const image = imageOf('parrot', 'dddd');

interface Rebuilt {
  readonly wrong: readonly number[];
  readonly report: LivenessReport;
  readonly chain: readonly string[];
  readonly allocated: readonly [number, number];
}

async function rebuiltUnder(request: string): Promise<Rebuilt> {
  const { hooks, liveness } = armFault(parseFaultRequest(request), 'seed');
  const rig = await Rig.start({ hooks });
  for (const node of [1, 2, 3]) await rig.image('parrot', image, node);
  const client = await VolumeClient.open(
    await rig.engine('vol', sizeMib, { 'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }) }),
  );
  await client.write(mebibyte + 4096, patterned('first', 8192));
  await client.write(2 * mebibyte, patterned('half', mebibyte / 2));
  await rig.node(1).engineSnapshotCreate({ engineName: 'vol-e-0', snapshotName: 'user-1', userCreated: true });
  await client.write(5 * mebibyte, patterned('second', mebibyte + 65536));
  await rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  const [good, bad] = [rig.replicaContent('vol-r-b', 2), rig.replicaContent('vol-r-c', 3)];
  const cluster = (content: Buffer, index: number): Buffer =>
    content.subarray(index * mebibyte, (index + 1) * mebibyte);
  const wrong = Array.from({ length: sizeMib }, (_, index) => index).filter(
    (index) => !cluster(good, index).equals(cluster(bad, index)),
  );
  const snapshots = (node: number): number =>
    rig
      .node(node)
      .services.stores.values()
      .next()
      .value?.lvols()
      .filter(({ name }) => name.includes('-snap-'))
      .reduce((sum, lvol) => sum + lvol.allocatedClusters, 0) ?? 0;
  const replica = rig.node(3).services.replicas.get('vol-r-c');
  const chain = (replica?.snapshotLvols() ?? []).map(({ name }) => name);
  const allocated = [snapshots(2), snapshots(3)] as const;
  await rig.close();
  return { wrong, report: liveness.report(), chain, allocated };
}

for (const { request, wrong, what } of [
  { request: 'FM01', wrong: [0, 3], what: 'loses what only the image has' },
  { request: 'FM01:event=finish', wrong: [0, 1, 2, 3, 5, 6], what: 'loses everything' },
  { request: 'FM01:layer=middle', wrong: [0, 1, 2, 3], what: 'loses the older snapshot and the image' },
  { request: 'FM02', wrong: [0, 3], what: 'loses the image on another disk' },
  { request: 'FM03', wrong: [1, 2], what: 'does not see the skipped snapshot' },
  { request: 'FM04', wrong: [0, 3], what: "shows the other image's data" },
  { request: 'FM08', wrong: [5, 6], what: 'does not see the newest snapshot' },
  { request: 'FM11:at=first', wrong: [1, 5], what: 'lacks the first cluster of each snapshot' },
  { request: 'FM12:percent=50', wrong: [2, 6], what: 'lacks the rest of each snapshot' },
  { request: 'FM16', wrong: [1, 2], what: 'has zeros round what was written over the image' },
  { request: 'FM17', wrong: [6], what: 'has stale bytes where zeros were left out' },
]) {
  test(`${request}: the rebuilt replica ${what}, and the fault says so and where`, async () => {
    const rebuilt = await rebuiltUnder(request);
    expect(rebuilt.wrong).toEqual(wrong);
    expect(rebuilt.report.changed).toEqual([{ replica: 'vol-r-c', mibs: wrong }]);
  });
}

test('FM15 changes no byte, only what the rebuilt snapshots own', async () => {
  const { wrong, allocated, report } = await rebuiltUnder('FM15');
  expect(wrong).toEqual([]);
  expect(allocated[1]).toBeGreaterThan(allocated[0]);
  expect(report.examples.map(({ what }) => what)).toEqual(['state', 'state']);
});

test('FM22 moves clusters, and the snapshots own as many as before', async () => {
  const { wrong, allocated, report } = await rebuiltUnder('FM22');
  expect(wrong).toHaveLength(4);
  expect(allocated[1]).toBe(allocated[0]);
  expect(report.changed).toEqual([{ replica: 'vol-r-c', mibs: wrong }]);
});

test('FM10 exchanges two names and no byte', async () => {
  const [right, swapped] = [await rebuiltUnder('N8'), await rebuiltUnder('FM10')];
  expect(swapped.wrong).toEqual([]);
  expect([...swapped.chain].sort()).toEqual([...right.chain].sort());
  expect(swapped.report.examples.map(({ what }) => what)).toEqual(['name']);
});

test('a fault of the second rebuild leaves the first alone, and says that it changed nothing', async () => {
  const { wrong, report } = await rebuiltUnder('FM11:rebuild=second');
  expect(wrong).toEqual([]);
  expect(report.differences).toBe(0);
});

for (const request of ['N1', 'N2', 'N6', 'N7', 'N8', 'N10:delay=1']) {
  test(`control ${request}: every byte of the rebuilt replica is right`, async () => {
    expect((await rebuiltUnder(request)).wrong).toEqual([]);
  });
}
