import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { goSpdkHelperPath } from '../../../embedded/dataplane/go-spdk-helper.ts';
import { imageOf, mebibyte, Rig, sha512 } from './data-plane-rig.ts';

const image = imageOf('parrot', 'd-dd-');

test("a copy is thin, frozen under the disk's own name, and ready with the checksum of the raw content", async () => {
  const rig = await Rig.start();
  await rig.image('parrot', image, 1);
  const uuid = rig.diskUuid(1);
  expect(rig.node(1).backingImageGet('parrot', uuid)).toMatchObject({
    state: 'ready',
    progress: 100,
    lvolName: `bi-parrot-disk-${uuid}`,
    currentChecksum: sha512(image),
    errorMessage: '',
  });
  const lvol = rig.node(1).services.stores.get('disk-1-1')?.get(`bi-parrot-disk-${uuid}`);
  expect(lvol).toMatchObject({ isSnapshot: true, allocatedClusters: 3, sizeBytes: image.length });
  expect(
    rig
      .node(1)
      .services.stores.get('disk-1-1')
      ?.lvols()
      .map(({ name }) => name),
  ).toEqual([`bi-parrot-disk-${uuid}`]);
  await rig.close();
});

test('xattrs carry the names of the release', async () => {
  for (const [version, names] of [
    ['1.8.1', ['backing_image_prepare_state', 'backing_image_uuid', 'checksum']],
    [
      '1.11.3',
      ['longhorn_backing_image_checksum', 'longhorn_backing_image_prepare_state', 'longhorn_backing_image_uuid'],
    ],
  ] as const) {
    const rig = await Rig.start({ version });
    await rig.image('parrot', image, 1);
    const [lvol] = rig.node(1).services.stores.get('disk-1-1')?.lvols() ?? [];
    expect([...(lvol?.xattrs.keys() ?? [])].sort()).toEqual(names);
    await rig.close();
  }
});

test('a checksum that does not match fails the copy and names both', async () => {
  const rig = await Rig.start();
  await rig.image('parrot', image, 1, 1, sha512(Buffer.from('another')));
  expect(rig.node(1).backingImageGet('parrot', rig.diskUuid(1))).toMatchObject({
    state: 'failed',
    errorMessage: `current checksum ${sha512(image)} does not match the expected checksum ${sha512(Buffer.from('another'))}`,
  });
  await rig.close();
});

test("a further copy is made from another node's", async () => {
  const rig = await Rig.start();
  await rig.image('parrot', image, 1);
  rig.node(2).backingImageCreate({
    name: 'parrot',
    backingImageUuid: '12345678',
    lvstoreUuid: rig.diskUuid(2),
    sizeBytes: image.length,
    checksum: sha512(image),
    source: { kind: 'copy', nodeName: 'node-1', lvstoreUuid: rig.diskUuid(1) },
  });
  await rig.imageSettled('parrot', 2);
  const lvol = rig
    .node(2)
    .services.stores.get('disk-2-1')
    ?.get(`bi-parrot-disk-${rig.diskUuid(2)}`);
  const content = Buffer.alloc(image.length);
  lvol?.read(0, content);
  expect(content.equals(image)).toBe(true);
  expect(lvol?.allocatedClusters).toBe(3);
  await rig.close();
});

test('a deleted copy gives its clusters back', async () => {
  const rig = await Rig.start();
  const free = rig.node(1).diskGet('disk-1-1')?.freeBytes;
  await rig.image('parrot', image, 1);
  expect(rig.node(1).diskGet('disk-1-1')?.freeBytes).toBe((free ?? 0) - 3 * mebibyte);
  await rig.node(1).backingImageDelete('parrot', rig.diskUuid(1));
  expect(rig.node(1).backingImageGet('parrot', rig.diskUuid(1))).toBeUndefined();
  expect(rig.node(1).diskGet('disk-1-1')?.freeBytes).toBe(free);
  await rig.close();
});

test('go-spdk-helper answers with tabs, filters by alias and fails with a logrus line', async () => {
  const rig = await Rig.start();
  await rig.image('parrot', image, 1);
  await rig.replica('vol-r-a', 1, 8, { image: 'parrot' });
  const helper = (...args: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [goSpdkHelperPath, ...args], {
      env: { SPDK_RPC_SOCKET: rig.node(1).rpcSocket },
    });
  const { stdout } = await helper('bdev-lvol', 'get', 'disk-1-1/vol-r-a');
  expect(stdout.startsWith('[\n\t{\n\t\t"name": ')).toBe(true);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      aliases: ['disk-1-1/vol-r-a'],
      driver_specific: {
        lvol: {
          base_snapshot: `bi-parrot-disk-${rig.diskUuid(1)}`,
          clone: true,
          xattrs: { user_created: 'true', snapshot_timestamp: '' },
        },
      },
    },
  ]);
  expect(JSON.parse((await helper('lvol', 'get')).stdout)).toHaveLength(2);
  expect(JSON.parse((await helper('lvs', 'get', '--lvs-name', 'disk-1-1')).stdout)).toMatchObject([
    { uuid: rig.diskUuid(1), cluster_size: mebibyte },
  ]);
  expect(JSON.parse((await helper('bdev-lvstore', 'list-lvols', '--lvs-name', 'disk-1-1')).stdout)).toMatchObject([
    { is_snapshot: true },
    { name: 'vol-r-a', is_clone: true },
  ]);
  const image0 = `disk-1-1/bi-parrot-disk-${rig.diskUuid(1)}`;
  expect(
    JSON.parse((await helper('bdev-lvol', 'get-fragmap', '--alias', image0, '--offset', '0', '--size', '0')).stdout),
  ).toEqual({
    cluster_size: mebibyte,
    num_clusters: 5,
    num_allocated_clusters: 3,
    fragmap: Buffer.from([0b01101]).toString('base64'),
  });
  expect(
    JSON.parse(
      (await helper('bdev-lvol', 'get-xattr', '--name', image0, '--xattr-name', 'longhorn_backing_image_uuid')).stdout,
    ),
  ).toBe('12345678');
  expect(JSON.parse((await helper('nvme-of', 'subsystem-get')).stdout)).toHaveLength(2);
  const failure: unknown = await helper('bdev-lvol', 'get', 'disk-1-1/nobody').catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 1, stdout: '' });
  expect((failure as { stderr: string }).stderr).toMatch(/^time="\S+" level=fatal msg=.*No such device/);
  await rig.close();
});
