/** Each fault of snapshots, alone on a data plane: heads are equal, and what the snapshots of a replica hold is not. */
import { expect, test } from '@playwright/test';
import type { LivenessReport } from '../../../embedded/faults/liveness.ts';
import { armFault, parseFaultRequest } from '../../../embedded/faults/request.ts';
import { imageOf, mebibyte, patterned, Rig } from '../dataplane/data-plane-rig.ts';
import { VolumeClient } from '../dataplane/volume-client.ts';

const sizeMib = 8;
const image = imageOf('parrot', 'dddd');
const snapshots = ['user-1', 'user-2', 'user-3', 'branch'];

interface Seen {
  /** Snapshots that differ between the first two replicas. */
  readonly unequalAtFirst: readonly string[];
  /** Snapshots that differ between the source and the rebuilt replica. */
  readonly unequalAfter: readonly string[];
  readonly headsEqual: boolean;
  readonly report: LivenessReport;
}

/** Three snapshots in a line, a branch from the first, and a rebuild. */
async function branchedUnder(request: string): Promise<Seen> {
  const { hooks, liveness } = armFault(parseFaultRequest(request), 'seed');
  const rig = await Rig.start({ hooks });
  for (const node of [1, 2, 3]) await rig.image('parrot', image, node);
  const addresses = {
    'vol-r-a': await rig.replica('vol-r-a', 1, sizeMib, { image: 'parrot' }),
    'vol-r-b': await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' }),
  };
  let client = await VolumeClient.open(await rig.engine('vol', sizeMib, addresses));
  const take = (snapshotName: string): Promise<void> =>
    rig.node(1).engineSnapshotCreate({ engineName: 'vol-e-0', snapshotName, userCreated: true });
  for (const [index, name] of snapshots.slice(0, 3).entries()) {
    await client.write(4096 * index, patterned(name, 16384));
    await client.write((index + 1) * mebibyte, patterned(name, mebibyte));
    await take(name);
  }
  client = await VolumeClient.open(await rig.revert('vol', 'user-1'));
  await client.write(5 * mebibyte, patterned('branch', mebibyte));
  await client.write(8192, patterned('branch', 8192));
  await take('branch');
  const shown = (replica: string, node: number, snapshot: string): Buffer => {
    const lvol = rig.node(node).services.replicas.get(replica)?.snapshotLvol(snapshot);
    const content = Buffer.alloc(lvol?.sizeBytes ?? 0);
    lvol?.read(0, content);
    return content;
  };
  const unequal = (one: [string, number], other: [string, number]): string[] =>
    snapshots.filter((name) => !shown(...one, name).equals(shown(...other, name)));
  const unequalAtFirst = unequal(['vol-r-a', 1], ['vol-r-b', 2]);
  const address = rig.node(1).engineGet('vol-e-0')?.replicaAddresses['vol-r-a'] ?? '';
  await rig.node(1).replicaDelete({ name: 'vol-r-a', cleanupRequired: true });
  await rig.node(1).engineReplicaDelete({ engineName: 'vol-e-0', replicaName: 'vol-r-a', address });
  await rig.rebuild('vol', 'vol-r-c', await rig.replica('vol-r-c', 3, sizeMib, { image: 'parrot' }));
  const unequalAfter = unequal(['vol-r-b', 2], ['vol-r-c', 3]);
  const headsEqual = rig.replicaContent('vol-r-b', 2).equals(rig.replicaContent('vol-r-c', 3));
  await rig.close();
  return { unequalAtFirst, unequalAfter, headsEqual, report: liveness.report() };
}

for (const { request, atFirst, after, what } of [
  {
    request: 'FM09',
    atFirst: [],
    after: ['user-2', 'user-3'],
    what: 'what is not on the active branch shows it instead',
  },
  { request: 'FM10', atFirst: [], after: ['user-1', 'user-2'], what: 'two snapshots hold what the other should' },
  { request: 'FM35', atFirst: ['user-2'], after: [], what: 'a snapshot lacks the last writes on one replica' },
  { request: 'FM35:snapshot=4', atFirst: ['branch'], after: [], what: 'so does the one of the branch' },
]) {
  test(`${request}: heads are equal and ${what}, and the fault says so`, async () => {
    const seen = await branchedUnder(request);
    expect(seen.unequalAtFirst).toEqual(atFirst);
    expect(seen.unequalAfter).toEqual(after);
    expect(seen.headsEqual).toBe(true);
    expect(seen.report.differences).toBeGreaterThan(0);
  });
}

test('without a fault every snapshot of the rebuilt replica is what it is on the source', async () => {
  const seen = await branchedUnder('N8');
  expect([seen.unequalAtFirst, seen.unequalAfter, seen.headsEqual]).toEqual([[], [], true]);
});
