import assert from 'node:assert/strict';
import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { execa } from 'execa';
import { mibBytes } from '../../../helpers/oracle/geometry.ts';
import type { PassShape } from '../../../helpers/oracle/plan.ts';
import { probeFileNames } from '../../../helpers/probe/bundle.ts';
import { createProbeClient } from '../../../helpers/probe/client.ts';
import type { ProbeClient } from '../../../helpers/probe/client.ts';
import { ProbeFailed } from '../../../helpers/probe/errors.ts';
import { openFileDevice } from '../../../probe/device/file-device.ts';
import { piecesAt, readInPieces } from '../../../probe/pass/pieces.ts';
import { hasTool, localExec, test } from './machine.ts';
import type { Bench } from './machine.ts';
import { recordingDevice } from './recording-device.ts';

const shape: PassShape = { requestBytes: 131072, phaseBytes: 4096, depth: 16 };
const timeoutMs = 50_000;

function clientFor(bench: Bench, devicePath: string): ProbeClient {
  return createProbeClient({
    exec: localExec,
    probePath: bench.path(probeFileNames.program),
    planPath: bench.path(probeFileNames.plan),
    expectedPath: bench.path(probeFileNames.expected),
    devicePath,
    sizeBytes: bench.oracle.plan.volume.sizeBytes,
    signal: new AbortController().signal,
  });
}

function overwrite(path: string, offsetBytes: number, bytes: Buffer): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, offsetBytes);
  closeSync(fd);
}

test('writing the plan to an untouched volume makes it what the oracle expects', async ({ bench }) => {
  const path = bench.makeDevice('untouched');
  const { writes } = await clientFor(bench, path).write();
  assert.equal(writes, bench.oracle.plan.writes.length);
  const expected = Buffer.alloc(bench.oracle.plan.volume.sizeBytes);
  bench.oracle.expectedInto(0, expected);
  assert.ok(readFileSync(path).equals(expected));
});

test('a pass over a sound device returns the fingerprint of the oracle, whatever its shape', async ({ bench }) => {
  const client = clientFor(bench, bench.makeDevice('expected'));
  const shapes: PassShape[] = [
    shape,
    { requestBytes: 65536, phaseBytes: 0, depth: 32 },
    { requestBytes: 4 * mibBytes, phaseBytes: 3 * mibBytes + 4096, depth: 2 },
    { requestBytes: 28672, phaseBytes: 8192, depth: 1 },
    { requestBytes: 131072, phaseBytes: 4096, depth: 8, small: 'some' },
  ];
  for (const each of shapes) {
    const progress: number[] = [];
    const result = await client.pass({ shape: each, timeoutMs, onProgress: ({ bytes }) => progress.push(bytes) });
    assert.deepEqual(result.fingerprint, bench.oracle.fingerprint());
    assert.deepEqual(result.wrongMibs, []);
    assert.deepEqual(result.wrongBlocks, []);
    assert.equal(result.deepest, Math.min(each.depth, result.requests));
    assert.equal(progress.at(-1), bench.oracle.plan.volume.sizeBytes);
  }
});

test('a pass with small requests also reads single sectors, off the grid of pages', async () => {
  const { device, asked } = recordingDevice({ sizeBytes: mibBytes });
  const target = new Uint8Array(65536);
  await readInPieces(device, 4096, target, 1536);
  assert.equal(
    asked.reduce((at, { offsetBytes, lengthBytes }) => (offsetBytes === at ? at + lengthBytes : NaN), 4096),
    4096 + target.length,
  );
  assert.ok(asked.some(({ lengthBytes }) => lengthBytes === 512));
  assert.ok(asked.some(({ offsetBytes }) => offsetBytes % 4096 !== 0));
  assert.deepEqual(
    asked.slice(0, 2).map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes]),
    [
      [4096, 1536],
      [5632, 512],
    ],
  );
});

test('small requests come once in every stretch, at both ends of the device, and from pass to pass elsewhere', () => {
  const device = { sizeBytes: 64 * mibBytes, logicalBlockBytes: 512 };
  const requestBytes = mibBytes / 2;
  const places = (phaseBytes: number): number[] =>
    Array.from({ length: device.sizeBytes / requestBytes }, (_, index) => index * requestBytes).flatMap(
      (from, index) => {
        const of = { requestBytes, phaseBytes, depth: 8 };
        const at = piecesAt({ seed: 'a', shape: of, index, from, to: from + requestBytes, device });
        return at === undefined ? [] : [from + at];
      },
    );
  const small = (1 + 2 + 5 + 8 + 16 + 3 + 128) * 512;
  const first = places(0);
  assert.ok(first.every((at) => at % 512 === 0 && (at % requestBytes) + small <= requestBytes));
  assert.equal(first[0], 0);
  assert.equal(first.at(-1), device.sizeBytes - small);
  for (let stretch = 0; stretch < 32; stretch++) {
    assert.ok(first.some((at) => Math.floor(at / (2 * mibBytes)) === stretch));
  }
  const inner = (all: number[]): number[] => all.filter((at) => at > 2 * mibBytes && at < 62 * mibBytes);
  assert.equal(inner(places(4096)).filter((at) => first.includes(at)).length, 0);
  assert.ok(new Set(inner(first).map((at) => Math.floor((at % (2 * mibBytes)) / requestBytes))).size > 2);
});

test('a pass names every wrong MiB and classifies it from the bytes that it digested', async ({ bench }) => {
  const path = bench.makeDevice('expected');
  const { oracle } = bench;
  const whole = oracle
    .rangeClassSummary()
    .find(({ rangeClass, lengthBytes }) => rangeClass === 'image-data' && lengthBytes >= mibBytes);
  const offsetBytes = (whole?.offsetBytes ?? NaN) + 4096;
  overwrite(path, offsetBytes, Buffer.alloc(65536));
  overwrite(path, oracle.plan.volume.sizeBytes - 512, Buffer.alloc(512, 0xff));
  const result = await clientFor(bench, path).pass({ shape, timeoutMs });
  assert.deepEqual(result.wrongMibs, [Math.floor(offsetBytes / mibBytes), 19]);
  const blocks = result.wrongBlocks.map(({ detail, ...block }) => ({ ...block, told: detail.length > 0 }));
  assert.deepEqual(blocks, [
    { offsetBytes, lengthBytes: 65536, rangeClass: 'image-data', wrongByteKind: 'zeros', told: true },
    { offsetBytes: 20 * mibBytes - 512, lengthBytes: 512, rangeClass: 'written', wrongByteKind: 'garbage', told: true },
  ]);
  assert.equal(result.truncated, false);
});

test('wrong MiBs are complete also when there are more than are looked into', async ({ bench }) => {
  const path = bench.makeDevice('expected');
  overwrite(path, 0, Buffer.alloc(bench.oracle.plan.volume.sizeBytes, 0xab));
  const { exitCode, stdout } = await execa('node', [
    ...[bench.path(probeFileNames.program), 'pass', '--device', path, '--nonce', 'nonce-1234', '--shape', '65536:0:8'],
    ...['--plan', bench.path(probeFileNames.plan), '--expected', bench.path(probeFileNames.expected)],
    ...['--inspect-limit', String(2 * mibBytes)],
  ]);
  assert.equal(exitCode, 0);
  const result = JSON.parse(stdout.split('\n')[1] ?? '') as {
    wrongMibs: number[];
    inspectedBytes: number;
    truncated: boolean;
  };
  assert.deepEqual(
    result.wrongMibs,
    Array.from({ length: 20 }, (_, index) => index),
  );
  assert.equal(result.inspectedBytes, 2 * mibBytes);
  assert.equal(result.truncated, true);
});

test('a device of another size than the plan is refused, not judged', async ({ bench }) => {
  const path = bench.makeDevice('expected');
  await execa('truncate', ['-s', '19M', path]);
  await assert.rejects(clientFor(bench, path).pass({ shape, timeoutMs }), (error) => {
    assert.ok(error instanceof ProbeFailed);
    assert.equal(error.state, 'size');
    assert.match(error.message, /19922944 bytes, the plan's volume has 20971520/);
    return true;
  });
});

test('a missing device, and a filesystem without O_DIRECT, are told apart in one line', async ({ bench }) => {
  await assert.rejects(clientFor(bench, bench.path('none')).identify(), (error) => {
    assert.ok(error instanceof ProbeFailed && error.state === 'open');
    assert.ok(!error.message.includes('\n'));
    return true;
  });
  await assert.rejects(
    clientFor(bench, '/proc/version').identify(),
    (error) => error instanceof ProbeFailed && error.state === 'not-direct',
  );
});

/** The flags with which this process holds a file open, as the kernel tells them. */
function openFlagsOf(path: string): number[] {
  const holds = (fd: string): boolean => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      // The descriptor with which the directory was listed.
      return false;
    }
  };
  return readdirSync('/proc/self/fd')
    .filter(holds)
    .map((fd) =>
      Number.parseInt(/^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '', 8),
    );
}

for (const access of ['read', 'read-write'] as const) {
  test(`a device that is opened for ${access} is open with O_DIRECT, past the page cache`, async ({ bench }) => {
    const path = bench.makeDevice('expected');
    const device = await openFileDevice(path, access);
    const flags = openFlagsOf(path);
    await device.close();
    assert.equal(flags.length, 1);
    assert.deepEqual(
      flags.map((flag) => flag & constants.O_DIRECT),
      [constants.O_DIRECT],
    );
  });
}

test('identify tells what the device is, and plain dd agrees with the oracle', async ({ bench }) => {
  const client = clientFor(bench, bench.makeDevice('expected'));
  const { kind, sizeBytes, direct } = await client.identify();
  assert.deepEqual({ kind, sizeBytes, direct }, { kind: 'file', sizeBytes: 20 * mibBytes, direct: 'O_DIRECT' });
  const plain = await client.plainChecksum({ timeoutMs });
  assert.ok(plain.state === 'done');
  assert.equal(plain.sha256, bench.oracle.fingerprint().sha256);
});

test('a loop block device is written, read and identified like a file', async ({ bench }) => {
  test.skip(process.getuid?.() !== 0 || !hasTool('losetup'), 'a loop device needs root and losetup');
  const file = bench.makeDevice('untouched');
  const { stdout: loop } = await execa('losetup', ['--find', '--show', '--direct-io=on', file]);
  try {
    const client = clientFor(bench, loop);
    const { kind, sizeBytes, logicalBlockBytes } = await client.identify();
    assert.deepEqual(
      { kind, sizeBytes, logicalBlockBytes },
      { kind: 'block', sizeBytes: 20 * mibBytes, logicalBlockBytes: 512 },
    );
    await client.write();
    const { fingerprint } = await client.pass({ shape, timeoutMs });
    assert.deepEqual(fingerprint, bench.oracle.fingerprint());
    const plain = await client.plainChecksum({ timeoutMs });
    assert.ok(plain.state === 'done');
    assert.equal(plain.sha256, fingerprint.sha256);
  } finally {
    await execa('losetup', ['--detach', loop]);
  }
});
