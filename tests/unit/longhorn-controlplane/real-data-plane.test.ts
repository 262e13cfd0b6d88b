import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { createClock } from '../../../embedded/clock.ts';
import type { DiskSpec } from '../../../embedded/controlplane/longhorn/model/node.ts';
import type { DataPlane } from '../../../embedded/dataplane/contract.ts';
import { createDataPlane } from '../../../embedded/dataplane/data-plane.ts';
import { versionProfile } from '../../../embedded/versions/profile.ts';
import { healthyVolume, readyImage } from './bench-objects.ts';
import { type Bench, benchTimeScale, startBench } from './longhorn-bench.ts';

let directory = '';
let dataPlane: DataPlane;
let bench: Bench;

test.beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lh-'));
  dataPlane = await createDataPlane({
    directory,
    profile: versionProfile('1.11.3').dataPlane,
    clock: createClock(benchTimeScale),
    seed: 'bench',
  });
  bench = await startBench({ dataPlane });
});

test.afterEach(async () => {
  await bench.close();
  await dataPlane.close();
  await rm(directory, { recursive: true, force: true });
});

test('a volume from an image is rebuilt, moved and deleted on the data plane of real bytes', async () => {
  bench.image = Buffer.alloc(4 * 2 ** 20, 7);
  await readyImage(bench, 'img');
  await healthyVolume(bench, 'vol1', { backingImage: 'img' });
  const gone = bench.list('replicas')[0]?.metadata.name ?? '';
  bench.remove('replicas', gone);
  await bench.until('gone', () => bench.object('replicas', gone) === undefined);
  await bench.until('degraded', () => bench.expectObject('volumes', 'vol1').status.robustness === 'degraded');
  await bench.until('healthy', () => bench.expectObject('volumes', 'vol1').status.robustness === 'healthy');
  const replicas = bench.list('replicas');
  expect(replicas.map((replica) => replica.metadata.name)).not.toContain(gone);
  expect(Object.values(bench.expectObject('engines', 'vol1-e-0').status.replicaModeMap ?? {})).toEqual(['RW', 'RW']);
  const records = bench.list('snapshots').map((snapshot) => snapshot.metadata.name);
  for (const replica of replicas) {
    const lvols = dataPlane.node(replica.spec.nodeID).replicaGet(replica.metadata.name)?.snapshots ?? {};
    expect(Object.keys(lvols)).toEqual(records);
  }

  bench.change('volumeattachments', 'vol1', (draft) => {
    const ticket = draft.spec.attachmentTickets['by-test'];
    if (ticket !== undefined) ticket.nodeID = 'node3';
  });
  await bench.until('healthy on node3', () => {
    const { status } = bench.expectObject('volumes', 'vol1');
    return status.currentNodeID === 'node3' && status.robustness === 'healthy';
  });
  bench.remove('volumes', 'vol1');
  await bench.until('volume gone', () => bench.object('volumes', 'vol1') === undefined);
  bench.remove('backingimages', 'img');
  await bench.until('image gone', () => bench.object('backingimages', 'img') === undefined);
  for (const node of dataPlane.nodes()) expect(node.backingImageList()).toEqual([]);
});

test('a device that is taken out of a node and added again, under another name, brings back what is on it', async () => {
  const node = dataPlane.node('node1');
  const add = (name: string) =>
    bench.change('nodes', 'node1', (draft) => {
      draft.spec.disks[name] = { diskType: 'block', path: '/dev/sdz', allowScheduling: false } as DiskSpec;
    });
  const statusOf = (name: string) => bench.expectObject('nodes', 'node1').status.diskStatus[name];
  add('first');
  const first = await bench.until('first', () => statusOf('first'));
  await node.replicaCreate({ name: 'old-r-0123abcd', lvstoreUuid: first.diskUUID, specSizeBytes: 2 ** 20 });
  bench.change('nodes', 'node1', (draft) => {
    draft.spec.disks = Object.fromEntries(Object.entries(draft.spec.disks).filter(([name]) => name !== 'first'));
  });
  await bench.until('first gone', () => statusOf('first') === undefined);
  expect(node.diskGet('first')).toBeUndefined();
  add('second');
  const second = await bench.until('second', () => statusOf('second'));
  expect(second).toMatchObject({ diskUUID: first.diskUUID, diskName: 'second' });
});

test('data on a disk that no replica explains becomes an orphan, until it is gone', async () => {
  const node = dataPlane.node('node2');
  const lvstoreUuid = node.diskGet('block-disk')?.lvstoreUuid ?? '';
  const name = 'lost-r-0123abcd';
  await node.replicaCreate({ name, lvstoreUuid, specSizeBytes: 16 * 2 ** 20 });
  const orphan = await bench.until('orphan', () => bench.list('orphans')[0]);
  expect(orphan.spec).toMatchObject({
    nodeID: 'node2',
    orphanType: 'replica',
    parameters: { DataName: name, DiskUUID: lvstoreUuid, DiskType: 'block' },
  });
  await node.replicaDelete({ name, cleanupRequired: true });
  await bench.until('no orphan', () => bench.list('orphans').length === 0);
});
