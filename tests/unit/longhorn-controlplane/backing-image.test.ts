import { createHash } from 'node:crypto';
import { expect, test } from '@playwright/test';
import type { DiskFileStatus } from '../../../embedded/controlplane/longhorn/model/backing-image.ts';
import { conditionOf } from '../../../embedded/controlplane/longhorn/model/condition.ts';
import { changesOf, eventsAbout, valuesOf } from './bench-history.ts';
import { healthyVolume, readyImage } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';
import { qcow2Image } from './qcow2-image.ts';

let bench: Bench;

test.beforeEach(async () => {
  bench = await startBench();
  bench.image = patternOf(3 * 2 ** 20);
});

test.afterEach(async () => {
  await bench.close();
});

function patternOf(bytes: number): Buffer {
  const data = Buffer.alloc(bytes);
  for (let offset = 0; offset < bytes; offset += 512) data.writeUInt32LE(offset + 1, offset);
  return data;
}

const sha512 = (data: Buffer): string => createHash('sha512').update(data).digest('hex');

const entriesOf = (name: string): DiskFileStatus[] =>
  Object.values(bench.object('backingimages', name)?.status?.diskFileStatusMap ?? {});

/** The states of all entries of the disk map at each change, e.g. `v1 ready, v2 in-progress`. */
function mapsOf(name: string): string[] {
  return valuesOf(bench, 'backingimages', name, (image) => {
    const entries = Object.values(image.status?.diskFileStatusMap ?? {});
    return entries
      .map((entry) => `${entry.dataEngine} ${entry.state}`)
      .sort()
      .join(', ');
  });
}

test('a download becomes a V1 file, then a first V2 copy, then further copies, and the V1 file goes', async () => {
  const image = await readyImage(bench, 'img');
  const maps = mapsOf('img');
  const order = [
    'v1 ready-for-transfer',
    'v1 ready',
    'v1 ready, v2 in-progress',
    'v1 unknown, v2 ready',
    'v2 ready',
    'v2 ready, v2 ready',
  ];
  const positions = order.map((map) => maps.indexOf(map));
  expect(positions, maps.join(' → ')).toEqual([...positions].sort((left, right) => left - right));
  expect(positions).not.toContain(-1);
  expect(valuesOf(bench, 'backingimages', 'img', (object) => object.status?.v2FirstCopyStatus)).toEqual([
    '',
    'in-progress',
    'ready',
  ]);
  expect(image.status).toMatchObject({
    size: bench.image.length,
    virtualSize: bench.image.length,
    realSize: bench.image.length,
    checksum: sha512(bench.image),
  });
  expect(Object.values(image.spec.diskFileSpecMap ?? {})).toEqual([
    { dataEngine: 'v2', evictionRequested: false },
    { dataEngine: 'v2', evictionRequested: false },
  ]);
  await bench.until('no manager left', () => bench.list('backingimagemanagers').length === 0);
});

test('the first copy streams the file, further ones copy from a V2 copy, one at a time', async () => {
  await readyImage(bench, 'img', 3);
  const sources = bench.dataPlane.calls
    .filter((call) => call.startsWith('backingImageCreate'))
    .map((call) => call.split(' ').at(-1));
  expect(sources).toEqual(['stream', 'copy', 'copy']);
  const copying = mapsOf('img').map((map) => map.split('v2 in-progress').length - 1);
  expect(Math.max(...copying)).toBe(1);
});

test('the data source goes through its states and hands the file over', async () => {
  await readyImage(bench, 'img');
  const states = valuesOf(bench, 'backingimagedatasources', 'img', (source) => source.status?.currentState);
  expect(states).toEqual(['', 'pending', 'starting', 'in-progress', 'ready-for-transfer', 'ready']);
  const source = bench.expectObject('backingimagedatasources', 'img');
  expect(source.spec.fileTransferred).toBe(true);
  expect(source.metadata.ownerReferences?.[0]).toMatchObject({
    kind: 'BackingImage',
    name: 'img',
    controller: true,
    blockOwnerDeletion: true,
  });
  const uuid = bench.expectObject('backingimages', 'img').status.uuid;
  expect(uuid).toMatch(/^[0-9a-f]{8}$/);
  expect(eventsAbout(bench, 'BackingImage', 'img')[0]).toBe(`Update: Initialized UUID to ${uuid}`);
});

test('a qcow2 image is raw content for V2: size and checksum are those of the disk it describes', async () => {
  const raw = patternOf(2 * 2 ** 20);
  bench.image = qcow2Image(raw);
  const image = await readyImage(bench, 'img');
  expect(image.status).toMatchObject({ size: raw.length, virtualSize: raw.length, checksum: sha512(raw) });
});

test('a wrong checksum fails the image and says so', async () => {
  bench.create('BackingImage', 'backingimages', 'img', {
    spec: {
      sourceType: 'download',
      sourceParameters: { url: 'http://images.default/image' },
      dataEngine: 'v2',
      checksum: 'a'.repeat(128),
    },
  });
  const entry = await bench.until('failed', () => entriesOf('img').find((candidate) => candidate.state === 'failed'));
  expect(entry.message).toContain(sha512(bench.image));
  expect(bench.dataPlane.calls.filter((call) => call.startsWith('backingImageCreate'))).toEqual([]);
});

test('a URL that nobody answers fails the data source with the reason', async () => {
  bench.create('BackingImage', 'backingimages', 'img', {
    spec: { sourceType: 'download', sourceParameters: { url: 'http://127.0.0.1:9/image' }, dataEngine: 'v2' },
  });
  const status = await bench.until('failed', () => {
    const current = bench.object('backingimagedatasources', 'img')?.status;
    return current?.currentState === 'failed' && current;
  });
  expect(status.message).toContain('dial tcp 127.0.0.1:9');
});

test('a replica on a disk without a copy asks for one and waits for it', async () => {
  await readyImage(bench, 'img', 1);
  await healthyVolume(bench, 'vol1', { backingImage: 'img', numberOfReplicas: 3 });
  const waits = changesOf(bench, 'replicas')
    .map((change) => conditionOf(change.now.status?.conditions, 'WaitForBackingImage'))
    .find((condition) => condition?.status === 'True');
  expect(waits).toMatchObject({ reason: 'Waiting' });
  const disks = bench
    .list('replicas')
    .map((replica) => replica.spec.diskID)
    .sort();
  expect(Object.keys(bench.expectObject('backingimages', 'img').spec.diskFileSpecMap ?? {}).sort()).toEqual(disks);
  expect(bench.expectObject('backingimages', 'img').status.diskLastRefAtMap).toEqual({});
});

test('a deleted image takes its copies, files and records along', async () => {
  await readyImage(bench, 'img');
  bench.remove('backingimages', 'img');
  await bench.until('gone', () => bench.object('backingimages', 'img') === undefined);
  await bench.until('records gone', () => bench.list('backingimagedatasources').length === 0);
  expect(bench.dataPlane.calls.filter((call) => call.startsWith('backingImageDelete'))).toHaveLength(2);
});

test('a V1 image stays a file on filesystem disks, one per copy', async () => {
  bench.create('BackingImage', 'backingimages', 'img', {
    spec: { sourceType: 'download', sourceParameters: { url: 'http://images.default/image' }, minNumberOfCopies: 2 },
  });
  await bench.until('two files ready', () => entriesOf('img').filter((entry) => entry.state === 'ready').length === 2);
  expect(bench.expectObject('backingimages', 'img').spec.dataEngine).toBe('v1');
  expect(bench.list('backingimagemanagers')).toHaveLength(2);
  expect(bench.dataPlane.calls.filter((call) => call.startsWith('backingImageCreate'))).toEqual([]);
});

test('a manager is named as in its release', async () => {
  const expected = [
    ['1.9.1', /^backing-image-manager-[0-9a-f]{4}-[0-9a-f]{4}$/],
    ['1.10.2', /^bim-[0-9a-f]{64}$/],
    ['1.11.3', /^bim-[0-9a-f]{56}$/],
  ] as const;
  for (const [version, rule] of expected) {
    const other = await startBench({ version });
    try {
      other.image = bench.image;
      other.create('BackingImage', 'backingimages', 'img', {
        spec: { sourceType: 'download', sourceParameters: { url: 'http://images.default/image' }, dataEngine: 'v2' },
      });
      const name = await other.until('manager', () => other.list('backingimagemanagers')[0]?.metadata.name);
      expect(name).toMatch(rule);
    } finally {
      await other.close();
    }
  }
});
