import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { qcow2RawContent, qcow2VirtualSize } from '../../../embedded/controlplane/longhorn/qcow2/raw-content.ts';
import { qcow2Image } from './qcow2-image.ts';

let directory = '';

test.beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'qcow2-'));
});

test.afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** What the reader makes of a file, put together again; what no piece covers stays 0xee. */
async function rawOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const raw = Buffer.alloc(await qcow2VirtualSize(file), 0xee);
    for await (const piece of qcow2RawContent(file)) {
      if (piece.kind === 'zeros') raw.fill(0, piece.offsetBytes, piece.offsetBytes + piece.lengthBytes);
      else piece.data.copy(raw, piece.offsetBytes);
    }
    return raw;
  } finally {
    await file.close();
  }
}

async function stored(image: Buffer): Promise<string> {
  const path = join(directory, 'image.qcow2');
  await writeFile(path, image);
  return path;
}

function sample(bytes: number): Buffer {
  const raw = Buffer.alloc(bytes);
  for (let offset = 0; offset < bytes; offset += 4096) {
    // Every fourth 64 KiB stays zeros.
    if (Math.floor(offset / 65536) % 4 !== 3) raw.writeUInt32LE(offset + 1, offset);
  }
  return raw;
}

test('versions 2 and 3 give back their raw content, zero clusters and the odd tail included', async () => {
  const raw = sample(1_000_448);
  for (const options of [{ version: 2 as const }, { version: 3 as const }, { version: 3 as const, zeroFlags: true }]) {
    expect((await rawOf(await stored(qcow2Image(raw, options)))).equals(raw)).toBe(true);
  }
});

test('an image without any allocated cluster reads as zeros in its whole size', async () => {
  const raw = Buffer.alloc(700_416);
  const image = qcow2Image(raw);
  // No L2 table at all.
  image.writeBigUInt64BE(0n, 65536);
  expect((await rawOf(await stored(image))).equals(raw)).toBe(true);
});

test('what cannot be read faithfully is refused: compressed clusters, backing files, encryption, other formats', async () => {
  const raw = sample(131_072);
  const compressed = qcow2Image(raw);
  compressed.writeBigUInt64BE(1n << 62n, 2 * 65536);
  await expect(rawOf(await stored(compressed))).rejects.toThrow('the cluster at byte 0 is compressed');
  const backed = qcow2Image(raw);
  backed.writeBigUInt64BE(200n, 8);
  await expect(rawOf(await stored(backed))).rejects.toThrow('backing file');
  const encrypted = qcow2Image(raw);
  encrypted.writeUInt32BE(1, 32);
  await expect(rawOf(await stored(encrypted))).rejects.toThrow('Encrypted');
  await expect(rawOf(await stored(raw))).rejects.toThrow('Not a qcow2 image');
});

test('a file that ends inside its tables is an error that says where', async () => {
  const image = qcow2Image(sample(131_072)).subarray(0, 65536 + 32);
  await expect(rawOf(await stored(Buffer.from(image)))).rejects.toThrow(
    /ends inside the L2 table 0|ends inside the L1 table/,
  );
});

test('images made by qemu-img are read as qemu-img reads them', async () => {
  const present = spawnSync('qemu-img', ['--version']).status === 0;
  if (!present && process.env['CI'] !== undefined) throw new Error('qemu-img is missing; it must be there in CI.');
  test.skip(!present, 'qemu-img is not installed');
  const raw = join(directory, 'disk.raw');
  await writeFile(raw, sample(5 * 2 ** 20 + 512));
  for (const options of ['compat=0.10', 'compat=1.1', 'compat=1.1,cluster_size=4k', 'compat=1.1,cluster_size=2M']) {
    const path = join(directory, 'made.qcow2');
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-o', options, raw, path]);
    expect((await rawOf(path)).equals(await readFile(raw)), options).toBe(true);
  }
});
