/** What a purge of system snapshots leaves, by release, and that no byte changes by it. */
import { expect, test } from '@playwright/test';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { mebibyte, patterned, Rig } from './data-plane-rig.ts';
import { VolumeClient } from './volume-client.ts';

const sizeMib = 8;
const engineName = 'vol-e-0';

/** A rebuild's snapshot above a user's, and writes in, across and beside the clusters of both. */
async function rebuilt(version: LonghornVersion) {
  const rig = await Rig.start({ version });
  const a = await rig.replica('vol-r-a', 1, sizeMib);
  const client = await VolumeClient.open(await rig.engine('vol', sizeMib, { 'vol-r-a': a }));
  const truth = Buffer.alloc(sizeMib * mebibyte);
  const write = async (offset: number, data: Buffer): Promise<void> => {
    await client.write(offset, data);
    data.copy(truth, offset);
  };
  await write(0, patterned('below', 2 * mebibyte));
  await rig.node(1).engineSnapshotCreate({ engineName, snapshotName: 'user-1', userCreated: true });
  await write(mebibyte + 4096, patterned('into the rebuild', 2 * mebibyte));
  await rig.rebuild('vol', 'vol-r-b', await rig.replica('vol-r-b', 2, sizeMib));
  await write(2 * mebibyte + 512, patterned('into the head', 4096));
  return { rig, truth };
}

const snapshotNames = (rig: Rig): string[] =>
  Object.keys(rig.node(1).engineGet(engineName)?.snapshots ?? {}).map((name) => name.replace(/^rebuild-.*/, 'rebuild'));

for (const { version, left } of [
  { version: '1.8.0', left: ['rebuild', 'user-1'] },
  { version: '1.10.1', left: ['rebuild', 'user-1'] },
  { version: '1.10.2', left: ['user-1'] },
  { version: '1.11.3', left: ['user-1'] },
  { version: '1.12.1', left: ['user-1'] },
] as const) {
  const kept = left.length === 2 ? 'leaves the system snapshot that the head hangs on' : 'merges it into the head';
  test(`the purge of ${version} ${kept}, and every replica holds what it held`, async () => {
    const { rig, truth } = await rebuilt(version);
    expect(snapshotNames(rig).sort()).toEqual(['rebuild', 'user-1']);
    await rig.node(1).engineSnapshotPurge({ engineName });
    expect(snapshotNames(rig).sort()).toEqual(left);
    expect(['vol-r-a', 'vol-r-b'].map((name, at) => rig.replicaContent(name, at + 1).equals(truth))).toEqual([
      true,
      true,
    ]);
    expect(Object.values(rig.node(1).engineGet(engineName)?.replicaModes ?? {})).toEqual(['RW', 'RW']);
  });
}
