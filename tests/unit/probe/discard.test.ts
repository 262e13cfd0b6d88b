import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { openFileDevice } from '../../../probe/device/file-device.ts';
import { ProbeError } from '../../../probe/exit-codes.ts';
import { commandRange } from '../../../probe/device/external-command.ts';
import { hasTool, test } from './machine.ts';

const blockBytes = 4096;

test('a file is discarded and zeroed by the kernel, and what is beside it stays', async ({ bench }) => {
  test.skip(!hasTool('fallocate'), 'fallocate is not installed');
  const path = bench.makeDevice('expected');
  const expected = readFileSync(path);
  const device = await openFileDevice(path, 'read-write');
  try {
    await device.discard(8 * blockBytes, 3 * blockBytes);
    await device.writeZeroes(20 * blockBytes + 512, 1024);
  } catch (error) {
    test.skip(error instanceof ProbeError && error.state === 'unsupported', 'the filesystem here has no such request');
    throw error;
  } finally {
    await device.close();
  }
  expected.fill(0, 8 * blockBytes, 11 * blockBytes);
  expected.fill(0, 20 * blockBytes + 512, 20 * blockBytes + 1536);
  assert.ok(readFileSync(path).equals(expected));
});

/** Puts a `blkdiscard` of our own before the one of the machine; it notes how it was called. */
async function withBlkdiscard(directory: string, script: string, use: () => Promise<void>): Promise<void> {
  const tools = join(process.cwd(), directory, 'tools');
  mkdirSync(tools);
  if (script !== '') {
    writeFileSync(join(tools, 'blkdiscard'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(tools, 'blkdiscard'), 0o755);
  }
  const before = process.env['PATH'];
  process.env['PATH'] = script === '' ? tools : [tools, before].join(delimiter);
  try {
    await use();
  } finally {
    process.env['PATH'] = before;
  }
}

const range = { offsetBytes: 1024, lengthBytes: 512 };

test('a block device is discarded and zeroed by blkdiscard, in bytes', async ({ bench }) => {
  const calls = join(process.cwd(), bench.directory, 'calls');
  await withBlkdiscard(bench.directory, `echo "$@" >> ${calls}`, async () => {
    await commandRange('block', 'discard', '/dev/v', range);
    await commandRange('block', 'write-zeroes', '/dev/v', range);
  });
  assert.equal(readFileSync(calls, 'utf8'), '-o 1024 -l 512 /dev/v\n-z -o 1024 -l 512 /dev/v\n');
});

for (const [what, script, message] of [
  ['an image without the tool', '', /has no blkdiscard; use one with util-linux/],
  ['a device without discards', 'echo "BLKDISCARD ioctl failed: Operation not supported" >&2; exit 1', /not supported/],
  ["busybox's tool, which cannot zero", 'echo "blkdiscard: unrecognized option: z" >&2; exit 1', /unrecognized/],
] as const) {
  test(`${what} is no failed write: nothing is said about the data`, async ({ bench }) => {
    await withBlkdiscard(bench.directory, script, async () => {
      await assert.rejects(commandRange('block', 'write-zeroes', '/dev/v', range), (error: ProbeError) => {
        assert.equal(error.state, 'unsupported');
        assert.match(error.message, message);
        return true;
      });
    });
  });
}

test('a discard that fails otherwise is a failed write', async ({ bench }) => {
  await withBlkdiscard(bench.directory, 'echo "BLKDISCARD ioctl failed: Input/output error" >&2; exit 1', async () => {
    await assert.rejects(commandRange('block', 'discard', '/dev/v', range), { state: 'write' });
  });
});
