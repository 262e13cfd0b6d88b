/** Faults of a replica that is used again, alone on a data plane: what is trusted that should not be. */
import { expect, test } from '@playwright/test';
import type { LivenessReport } from '../../../embedded/faults/liveness.ts';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { imageOf, mebibyte, patterned, Rig, until } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 8;
const engineName = 'vol-e-0';

/** A hashed snapshot of clusters 1 and 2, a replica that fails and comes back; what it shows wrong in the end. */
async function usedAgainUnder(
  request: string,
  version: LonghornVersion,
): Promise<{ wrong: number[]; report: LivenessReport }> {
  const { hooks, liveness } = armFault(parseFaultRequest(request), 'seed');
  const rig = await Rig.start({ hooks, version });
  for (const node of [2, 3]) await rig.image('parrot', imageOf('parrot', 'dddd'), node);
  const addresses = {
    'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }),
    'vol-r-c': await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }),
  };
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, addresses));
  await client.write(mebibyte, patterned('one', 2 * mebibyte));
  await rig.node(1).engineSnapshotCreate({ engineName, snapshotName: 'one', userCreated: true });
  await rig.node(1).engineSnapshotHash({ engineName, snapshotName: 'one', rehash: false });
  const states = () => Object.values(rig.node(1).engineSnapshotHashStatus({ engineName, snapshotName: 'one' }));
  await until(() => states().every(({ state }) => state === 'complete'), 'checksums');
  await rig.node(3).replicaDelete({ name: 'vol-r-c', cleanupRequired: false });
  await rig.node(1).engineReplicaDelete({ engineName, replicaName: 'vol-r-c', address: addresses['vol-r-c'] });
  await client.write(5 * mebibyte, patterned('away', 4096));
  await rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  const [good, bad] = [rig.replicaContent('vol-r-b', 2), rig.replicaContent('vol-r-c', 3)];
  const differs = (index: number): boolean => {
    const [from, to] = [index * mebibyte, (index + 1) * mebibyte];
    return !good.subarray(from, to).equals(bad.subarray(from, to));
  };
  const wrong = Array.from({ length: sizeMib }, (_, index) => index).filter(differs);
  await rig.close();
  return { wrong, report: liveness.report() };
}

for (const request of ['FM21', 'FM23']) {
  for (const version of ['1.9.1', '1.11.3'] as const) {
    test(`${request} on ${version}: one cluster of the old snapshot stays wrong, and the fault says so`, async () => {
      const { wrong, report } = await usedAgainUnder(request, version);
      expect(wrong).toHaveLength(1);
      expect([1, 2]).toContain(wrong[0]);
      expect(report.examples.map(({ what }) => what)).toEqual(['bytes']);
    });
  }
}

test('control N6: the rebuilt replica lacks the checksum that the other one has, and every byte is right', async () => {
  const { wrong, report } = await usedAgainUnder('N6', '1.11.3');
  expect(wrong).toEqual([]);
  expect(report.examples.map(({ what }) => what)).toEqual(['state']);
});
