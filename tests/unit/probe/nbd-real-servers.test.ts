import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connectNbd } from '../../../probe/nbd/client.ts';
import { hasTool, socketDirectory, startServer, test } from './machine.ts';

test('qemu-nbd: what is written is read back, many requests at a time, and lands in the file', async ({ bench }) => {
  test.skip(!hasTool('qemu-nbd'), 'qemu-nbd is not installed');
  const directory = socketDirectory();
  const file = bench.makeDevice('expected');
  const socketPath = join(directory, 's');
  const stop = await startServer(
    ['qemu-nbd', '--persistent', '--format=raw', `--socket=${socketPath}`, file],
    socketPath,
  );
  const device = await connectNbd({ socketPath, exportName: '' });
  assert.equal(device.sizeBytes, bench.oracle.plan.volume.sizeBytes);
  const expected = readFileSync(file);
  const target = Buffer.alloc(device.sizeBytes);
  const size = 128 * 1024;
  await Promise.all(
    Array.from({ length: device.sizeBytes / size }, (_, index) =>
      device.read(index * size, target.subarray(index * size, (index + 1) * size)),
    ),
  );
  assert.ok(target.equals(expected));
  const written = randomBytes(512);
  await device.write(1_000_448, written);
  await device.flush();
  await device.close();
  await stop();
  assert.ok(readFileSync(file).subarray(1_000_448, 1_000_960).equals(written));
  rmSync(directory, { recursive: true });
});

test('nbdkit: a sparse export reads as zeros where nothing was written', async () => {
  test.skip(!hasTool('nbdkit'), 'nbdkit is not installed');
  const directory = socketDirectory();
  const socketPath = join(directory, 's');
  const stop = await startServer(['nbdkit', '--foreground', `--unix=${socketPath}`, 'memory', '8M'], socketPath);
  const device = await connectNbd({ socketPath, exportName: '' });
  await device.write(4096, Buffer.alloc(512, 7));
  const target = Buffer.alloc(8 * 1024 * 1024, 0xee);
  await device.read(0, target);
  const expected = Buffer.alloc(target.length);
  expected.fill(7, 4096, 4608);
  assert.ok(target.equals(expected));
  await device.close();
  await stop();
  rmSync(directory, { recursive: true });
});
