import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test as base } from '@playwright/test';
import { imageOf, mebibyte, patterned, Rig } from './data-plane-rig.ts';
import { VolumeClient } from './volume-client.ts';

const run = promisify(execFile);
const sizeMib = 20;
const image = imageOf('parrot', 'd-dd-d');
const truth = Buffer.concat([image, Buffer.alloc(sizeMib * mebibyte - image.length)]);

const test = base.extend<{
  rig: Rig;
  uri: string;
  scratch: string;
  tool: (name: string, ...args: string[]) => Promise<string>;
}>({
  rig: async ({}, use) => {
    const rig = await Rig.start();
    for (const node of [1, 2]) await rig.image('parrot', image, node);
    await use(rig);
    await rig.close();
  },
  uri: async ({ rig }, use) => {
    const a = await rig.replica('vol-r-a', 1, sizeMib, { image: 'parrot' });
    const b = await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' });
    await use(await rig.engine('vol', sizeMib, { 'vol-r-a': a, 'vol-r-b': b }));
  },
  scratch: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'export-'));
    await use(directory);
    await rm(directory, { recursive: true });
  },
  tool: async ({}, use, info) => {
    await use(async (name, ...args) => {
      const found = await Promise.any(
        (process.env['PATH'] ?? '').split(delimiter).map((part) => access(join(part, name))),
      ).then(
        () => true,
        () => false,
      );
      if (!found && process.env['CI'] !== undefined)
        throw new Error(`${name} is missing; install it: apt-get install qemu-utils libnbd-bin`);
      info.skip(!found, `${name} is not installed (apt-get install qemu-utils libnbd-bin)`);
      return (await run(name, args, { maxBuffer: 64 * mebibyte })).stdout;
    });
  },
});

test('nbdinfo sees the size, the block sizes, several connections and what is allocated', async ({ uri, tool }) => {
  const { exports } = JSON.parse(await tool('nbdinfo', '--json', uri)) as { exports: Record<string, unknown>[] };
  expect(exports[0]).toMatchObject({
    'export-size': sizeMib * mebibyte,
    can_multi_conn: true,
    can_trim: true,
    can_zero: true,
    can_flush: true,
    is_read_only: false,
    block_size_minimum: 512,
    block_size_preferred: 4096,
    block_size_maximum: 32 * mebibyte,
    contexts: ['base:allocation'],
  });
  const extents = JSON.parse(await tool('nbdinfo', '--json', '--map', uri)) as {
    offset: number;
    length: number;
    type: number;
  }[];
  expect(extents.map(({ offset, length, type }) => [offset / mebibyte, length / mebibyte, type])).toEqual([
    [0, 1, 0],
    [1, 1, 3],
    [2, 2, 0],
    [4, 1, 3],
    [5, 1, 0],
    [6, 14, 3],
  ]);
});

test('nbdinfo lists the volume as the export', async ({ uri, tool }) => {
  expect(await tool('nbdinfo', '--list', uri)).toContain('export="vol"');
});

test('nbdcopy reads the device, with and without its extents', async ({ uri, tool, scratch }) => {
  for (const [file, ...options] of [['sparse.raw'], ['full.raw', '--no-extents', '--connections=4', '--requests=16']]) {
    const target = join(scratch, file ?? '');
    await tool('nbdcopy', ...options, uri, target);
    expect((await readFile(target)).equals(truth)).toBe(true);
  }
});

test('nbdcopy writes the device, and every replica has it', async ({ rig, uri, tool, scratch }) => {
  const content = Buffer.concat([
    patterned('copied', 3 * mebibyte),
    Buffer.alloc(14 * mebibyte),
    patterned('tail', 3 * mebibyte),
  ]);
  await writeFile(join(scratch, 'in.raw'), content);
  await tool('nbdcopy', '--flush', join(scratch, 'in.raw'), uri);
  expect(rig.replicaContent('vol-r-a', 1).equals(content)).toBe(true);
  expect(rig.replicaContent('vol-r-b', 2).equals(content)).toBe(true);
});

test('qemu-img knows the size, compares and converts both ways', async ({ rig, uri, tool, scratch }) => {
  const raw = join(scratch, 'truth.raw');
  const qcow = join(scratch, 'copy.qcow2');
  await writeFile(raw, truth);
  const info = JSON.parse(await tool('qemu-img', 'info', '--output=json', uri)) as Record<string, unknown>;
  expect(info).toMatchObject({ 'virtual-size': sizeMib * mebibyte, format: 'raw' });
  expect(await tool('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', raw, uri)).toContain('Images are identical.');
  await tool('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', uri, qcow);
  await tool('qemu-img', 'compare', '-f', 'qcow2', '-F', 'raw', qcow, raw);
  await writeFile(raw, patterned('converted', sizeMib * mebibyte));
  await tool('qemu-img', 'convert', '-n', '-f', 'raw', '-O', 'raw', raw, uri);
  expect(rig.replicaContent('vol-r-b', 2).equals(patterned('converted', sizeMib * mebibyte))).toBe(true);
});

test('requests that are not sectors, or past the end, are refused and the connection lives on', async ({ uri }) => {
  const client = await VolumeClient.open(uri);
  await expect(client.read(100, 512)).rejects.toThrow('NBD error 22');
  await expect(client.read(0, 513)).rejects.toThrow('NBD error 22');
  await expect(client.read(sizeMib * mebibyte - 512, 1024)).rejects.toThrow('NBD error 22');
  await expect(client.write(sizeMib * mebibyte, Buffer.alloc(512))).rejects.toThrow('NBD error 22');
  expect((await client.read(0, 4096)).equals(image.subarray(0, 4096))).toBe(true);
  client.close();
});

test('zeros written over image data read as zeros, and unmap leaves the image alone', async ({ uri }) => {
  const client = await VolumeClient.open(uri);
  await client.writeZeroes(4096, 8192);
  await client.trim(2 * mebibyte, mebibyte);
  expect((await client.read(4096, 8192)).equals(Buffer.alloc(8192))).toBe(true);
  expect((await client.read(2 * mebibyte, mebibyte)).equals(truth.subarray(2 * mebibyte, 3 * mebibyte))).toBe(true);
  client.close();
});

test('requests wait while the device is suspended', async ({ rig, uri }) => {
  const client = await VolumeClient.open(uri);
  const gate = rig.node(1).engines.get('vol-e-0')?.device.gate;
  await gate?.suspend();
  let answered = false;
  const read = client.read(0, 512).then((data) => {
    answered = true;
    return data;
  });
  const other = await VolumeClient.open(uri);
  expect(answered).toBe(false);
  gate?.resume();
  expect((await read).equals(image.subarray(0, 512))).toBe(true);
  client.close();
  other.close();
});

test('a volume loses a replica in the middle and still answers; without any it gives EIO', async ({ rig, uri }) => {
  const client = await VolumeClient.open(uri);
  await rig.node(1).replicaDelete({ name: 'vol-r-a', cleanupRequired: true });
  expect((await client.read(0, 6 * mebibyte)).equals(image)).toBe(true);
  await client.write(0, patterned('one left', 4096));
  expect(rig.node(1).engineGet('vol-e-0')?.replicaModes).toEqual({ 'vol-r-a': 'ERR', 'vol-r-b': 'RW' });
  await rig.node(2).replicaDelete({ name: 'vol-r-b', cleanupRequired: true });
  await expect(client.read(0, 512)).rejects.toThrow('NBD error 5');
  await expect(client.write(0, Buffer.alloc(512))).rejects.toThrow('NBD error 5');
  client.close();
});

test('an expanded volume has its old bytes and zeros behind them', async ({ rig, uri }) => {
  await rig.node(1).engineExpand({ engineName: 'vol-e-0', sizeBytes: 24 * mebibyte });
  const client = await VolumeClient.open(uri);
  expect(client.sizeBytes).toBe(24 * mebibyte);
  expect((await client.read(0, 20 * mebibyte)).equals(truth)).toBe(true);
  expect((await client.read(20 * mebibyte, 4 * mebibyte)).equals(Buffer.alloc(4 * mebibyte))).toBe(true);
  client.close();
});

test('an engine refuses to expand to less, off the MiB, or with a replica that is not RW', async ({ rig, uri }) => {
  void uri;
  const expand = (sizeBytes: number) => rig.node(1).engineExpand({ engineName: 'vol-e-0', sizeBytes });
  await expect(expand(16 * mebibyte)).rejects.toThrow('cannot expand engine to a smaller size');
  await expect(expand(24 * mebibyte + 512)).rejects.toThrow('should be multiple of MiB');
  await rig.node(2).replicaDelete({ name: 'vol-r-b', cleanupRequired: false });
  rig.node(1).engineGet('vol-e-0');
  await expect(expand(24 * mebibyte)).rejects.toThrow('cannot expand engine with replica vol-r-b in mode ERR');
});

test('a volume that got a larger size while it was detached has the old one until its engine expands it', async ({
  rig,
  uri,
}) => {
  void uri;
  await rig.node(1).engineDelete('vol-e-0');
  for (const [node, name] of [
    [1, 'vol-r-a'],
    [2, 'vol-r-b'],
  ] as const)
    await rig.node(node).replicaDelete({ name, cleanupRequired: false });
  const a = await rig.replica('vol-r-a', 1, 24, { image: 'parrot' });
  const b = await rig.replica('vol-r-b', 2, 24, { image: 'parrot' });
  await rig.engine('vol', 24, { 'vol-r-a': a, 'vol-r-b': b });
  expect(rig.node(1).engineGet('vol-e-0')?.specSizeBytes).toBe(sizeMib * mebibyte);
  await rig.node(1).engineExpand({ engineName: 'vol-e-0', sizeBytes: 24 * mebibyte });
  expect(rig.node(1).engineGet('vol-e-0')?.specSizeBytes).toBe(24 * mebibyte);
  expect(rig.replicaContent('vol-r-b', 2)).toHaveLength(24 * mebibyte);
});

test('after a restart of engine and replicas the volume holds the same bytes', async ({ rig, uri }) => {
  const client = await VolumeClient.open(uri);
  await client.write(7 * mebibyte, patterned('kept', 4096));
  client.close();
  await rig.node(1).engineDelete('vol-e-0');
  for (const [node, name] of [
    [1, 'vol-r-a'],
    [2, 'vol-r-b'],
  ] as const)
    await rig.node(node).replicaDelete({ name, cleanupRequired: false });
  const a = await rig.replica('vol-r-a', 1, sizeMib, { image: 'parrot' });
  const b = await rig.replica('vol-r-b', 2, sizeMib, { image: 'parrot' });
  const again = await VolumeClient.open(await rig.engine('vol', sizeMib, { 'vol-r-a': a, 'vol-r-b': b }, 2));
  const expected = Buffer.from(truth);
  patterned('kept', 4096).copy(expected, 7 * mebibyte);
  expect((await again.read(0, sizeMib * mebibyte)).equals(expected)).toBe(true);
  again.close();
});

test('close leaves no file behind', async () => {
  const rig = await Rig.start();
  await rig.image('parrot', image, 1);
  await rig.engine('vol', 8, { 'vol-r-a': await rig.replica('vol-r-a', 1, 8, { image: 'parrot' }) });
  await rig.close();
  await expect(readdir(rig.directory)).rejects.toThrow('ENOENT');
});

test('nbd-client makes the export a block device of the kernel, which reads as it is', async ({ uri, tool }) => {
  const device = '/dev/nbd0';
  const there =
    process.getuid?.() === 0 &&
    (await access(device).then(
      () => true,
      () => false,
    ));
  test.skip(
    !there,
    `${device} is not there, or not root's to attach: the kernel has no nbd module loaded (modprobe nbd)`,
  );
  const installed = await run('nbd-client', ['-V']).then(
    () => true,
    () => false,
  );
  test.skip(!installed, 'nbd-client is not installed (apt-get install nbd-client)');
  const socket = new URL(uri).searchParams.get('socket') ?? '';
  await tool('nbd-client', '-unix', socket, '-name', 'vol', device);
  try {
    expect((await readFile(device)).equals(truth)).toBe(true);
  } finally {
    await tool('nbd-client', '-d', device);
  }
});
