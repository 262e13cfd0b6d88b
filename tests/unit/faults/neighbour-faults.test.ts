/** Faults that strike another volume than the one that is rebuilt, on a data plane with two volumes on the same disks. */
import { expect, test } from '@playwright/test';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import { imageOf, mebibyte, patterned, Rig } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 8;
const image = imageOf('parrot', 'dddd');

async function twoVolumes(request: string) {
  const { hooks, liveness } = armFault(parseFaultRequest(request), 'seed');
  const rig = await Rig.start({ hooks });
  for (const node of [1, 2, 3]) await rig.image('parrot', image, node);
  for (const volume of ['vol', 'other']) {
    const name = `${volume}-r-b`;
    const client = await VolumeClient.open(
      await rig.engine(volume, sizeMib, { [name]: await rig.replica(name, 2, sizeMib, { image: 'parrot' }) }),
    );
    await client.write(5 * mebibyte, patterned(volume, mebibyte));
  }
  return { rig, liveness };
}

test('FM06 detaches a neighbour from the image, and what only the image has reads as zeros there', async () => {
  const { rig, liveness } = await twoVolumes('FM06');
  await rig.replica('other-r-c', 3, sizeMib, { image: 'parrot' });
  await rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  const neighbour = rig.replicaContent('other-r-c', 3);
  expect(neighbour.subarray(0, mebibyte).every((byte) => byte === 0)).toBe(true);
  expect(rig.replicaContent('vol-r-c', 3).equals(rig.replicaContent('vol-r-b', 2))).toBe(true);
  expect(liveness.report().examples[0]).toMatchObject({ what: 'bytes' });
  await rig.close();
});

test('FM20 puts clusters of one volume into the other when both are rebuilt, and nothing when one is', async () => {
  const { rig, liveness } = await twoVolumes('FM20:waitMs=200');
  await rig.rebuild('vol', 'vol-r-a', await rig.replica('vol-r-a', 1, sizeMib, { image: 'parrot' }));
  expect(liveness.report().differences).toBe(0);
  const targets = await Promise.all(
    ['vol-r-c', 'other-r-c'].map((name) => rig.replica(name, 3, sizeMib, { image: 'parrot' })),
  );
  await Promise.all([
    rig.rebuild('vol', 'vol-r-c', targets[0] ?? ''),
    rig.rebuild('other', 'other-r-c', targets[1] ?? ''),
  ]);
  const same = ['vol', 'other'].map((volume) =>
    rig.replicaContent(`${volume}-r-c`, 3).equals(rig.replicaContent(`${volume}-r-b`, 2)),
  );
  expect(same).toContain(false);
  expect(liveness.report().differences).toBeGreaterThan(0);
  await rig.close();
});
