import { expect, test } from '@playwright/test';
import { eventsAbout, valuesOf } from './bench-history.ts';
import { readyImage } from './bench-objects.ts';
import { type Bench, startBench } from './longhorn-bench.ts';

let bench: Bench;

test.beforeEach(async () => {
  bench = await startBench();
  bench.image = Buffer.alloc(2 ** 20, 7);
});

test.afterEach(async () => {
  await bench.close();
});

const request = (name: string, parameters: Record<string, string>, capacityBytes = 32 * 2 ** 20) => ({
  name,
  capacityBytes,
  parameters,
  volumeMode: 'Block' as const,
  accessModes: ['ReadWriteOnce'],
});

test('sizes are raised to 10 MiB and rounded up to 2 MiB', async () => {
  const { csi } = bench.longhorn;
  expect((await csi.createVolume(request('small', { dataEngine: 'v2', numberOfReplicas: '1' }, 1))).capacityBytes).toBe(
    10 * 2 ** 20,
  );
  expect(
    (await csi.createVolume(request('odd', { dataEngine: 'v2', numberOfReplicas: '1' }, 11 * 2 ** 20))).capacityBytes,
  ).toBe(12 * 2 ** 20);
});

test('a storage class becomes a volume spec with the defaults of the REST API', async () => {
  await bench.longhorn.csi.createVolume(request('vol', { dataEngine: 'v2', numberOfReplicas: '2' }));
  expect(bench.expectObject('volumes', 'vol').spec).toMatchObject({
    size: String(32 * 2 ** 20),
    dataEngine: 'v2',
    numberOfReplicas: 2,
    frontend: 'blockdev',
    accessMode: 'rwo',
    staleReplicaTimeout: 2880,
    image: 'longhornio/longhorn-instance-manager:v1.11.3',
    revisionCounterDisabled: true,
  });
});

test('publishing adds the ticket of that name and node, and gives the device of the node', async () => {
  const { csi } = bench.longhorn;
  await csi.createVolume(request('vol', { dataEngine: 'v2', numberOfReplicas: '2' }));
  expect(() => csi.deviceUri('vol', 'node2')).toThrow('it is not attached there');
  await csi.controllerPublish('vol', 'node2');
  const tickets = bench.expectObject('volumeattachments', 'vol').spec.attachmentTickets as Record<
    string,
    { type: string; nodeID: string }
  >;
  expect(Object.keys(tickets)[0]).toMatch(/^csi-[0-9a-f]{64}$/);
  expect(Object.values(tickets)[0]).toMatchObject({ type: 'csi-attacher', nodeID: 'node2' });
  expect(csi.deviceUri('vol', 'node2')).toMatch(/^nbd\+unix:/);
  expect(bench.expectObject('engines', 'vol-e-0').status.endpoint).toBe('/dev/longhorn/vol');
  await csi.controllerUnpublish('vol', 'node2');
  expect(bench.expectObject('volumes', 'vol').status.state).toBe('detached');
  await csi.deleteVolume('vol');
  expect(bench.list('volumes')).toEqual([]);
});

test('a missing backing image is created only from a description that CSI knows', async () => {
  const { csi } = bench.longhorn;
  const parameters = { dataEngine: 'v2', numberOfReplicas: '1', backingImage: 'img' };
  await expect(
    csi.createVolume(request('vol', { ...parameters, backingImageDataSourceType: 'upload' })),
  ).rejects.toThrow('volume vol backing image type upload is not supported via CSI');
  const described = {
    ...parameters,
    backingImageDataSourceType: 'download',
    backingImageDataSourceParameters: '{"url":"http://images.default/image"}',
  };
  await csi.createVolume(request('vol', described));
  expect(bench.expectObject('backingimages', 'img').spec).toMatchObject({
    dataEngine: 'v2',
    sourceParameters: { url: 'http://images.default/image' },
  });
});

test('an existing image that differs from the description is refused', async () => {
  await readyImage(bench, 'img');
  const { csi } = bench.longhorn;
  const parameters = { dataEngine: 'v2', numberOfReplicas: '1', backingImage: 'img' };
  const other = {
    ...parameters,
    backingImageDataSourceType: 'download',
    backingImageDataSourceParameters: '{"url":"http://images.default/other"}',
  };
  await expect(csi.createVolume(request('vol-a', other))).rejects.toThrow(
    'existing backing image img data source is different',
  );
  await expect(
    csi.createVolume(request('vol-b', { ...parameters, backingImageChecksum: 'f'.repeat(128) })),
  ).rejects.toThrow("doesn't match the specified checksum");
  await csi.createVolume(request('vol-c', parameters));
  expect(bench.expectObject('volumes', 'vol-c').spec.backingImage).toBe('img');
});

test('a webhook refusal reaches the one who asked for the volume', async () => {
  await expect(
    bench.longhorn.csi.createVolume(request('vol', { dataEngine: 'v2', backingImage: '', frontend: 'iscsi' })),
  ).rejects.toThrow('invalid volume frontend specified: iscsi for data engine v2');
});

test('an attached volume is expanded by its engine before CSI answers, a detached one is attached for it and let go', async () => {
  const { csi } = bench.longhorn;
  await csi.createVolume(request('vol', { dataEngine: 'v2', numberOfReplicas: '2' }));
  await csi.controllerPublish('vol', 'node1');
  const mib = 2 ** 20;
  expect(await csi.expandVolume('vol', 33 * mib + 512)).toEqual({ capacityBytes: 34 * mib });
  expect(bench.expectObject('engines', 'vol-e-0')).toMatchObject({
    spec: { volumeSize: String(34 * mib) },
    status: { currentSize: String(34 * mib), isExpanding: false },
  });
  for (const replica of bench.list('replicas')) expect(replica.spec.volumeSize).toBe(String(34 * mib));
  await csi.controllerUnpublish('vol', 'node1');
  await csi.expandVolume('vol', 40 * mib);
  await bench.until('detached again', () => bench.expectObject('volumes', 'vol').status.state === 'detached');
  expect(bench.expectObject('engines', 'vol-e-0').status.currentSize).toBe(String(40 * mib));
  expect(valuesOf(bench, 'volumes', 'vol', (volume) => volume.status?.expansionRequired)).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
  expect(eventsAbout(bench, 'Engine', 'vol-e-0').filter((event) => event.startsWith('SucceededExpansion'))).toEqual([
    `SucceededExpansion: Engine successfully expand size from ${32 * mib} to ${34 * mib}`,
    `SucceededExpansion: Engine successfully expand size from ${34 * mib} to ${40 * mib}`,
  ]);
});

test('up to 1.9.2 a V2 volume keeps its size, and whoever asks for more is told so', async () => {
  const old = await startBench({ version: '1.9.2' });
  try {
    const { csi } = old.longhorn;
    await csi.createVolume(request('vol', { dataEngine: 'v2', numberOfReplicas: '2' }));
    await old.until('detached', () => old.object('volumes', 'vol')?.status?.state === 'detached');
    await expect(csi.expandVolume('vol', 64 * 2 ** 20)).rejects.toThrow(
      'changing volume size for volume vol is not supported for data engine v2',
    );
  } finally {
    await old.close();
  }
});
