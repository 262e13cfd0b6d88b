/** Writes that go on: started, stopped and judged, on a file by the bundled program and on devices that lie. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { makeChurn } from '../../../helpers/oracle/churn-layout.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import type { Plan } from '../../../helpers/oracle/plan.ts';
import { patternStage, planOfContent } from '../../../helpers/oracle/recipe.ts';
import { createProbeClient } from '../../../helpers/probe/client.ts';
import { runChurn, type ChurnResult } from '../../../probe/churn/churn.ts';
import type { Device } from '../../../probe/device/device.ts';
import { localExec, oracleOf, test } from './machine.ts';

const usual = oracleOf(20);
const plan: Plan = { ...usual.plan, churn: { ...makeChurn(usual.plan), pauseMs: 1 } };
const timeoutMs = 60_000;

function expectedAfter({ acknowledged }: Pick<ChurnResult, 'acknowledged'>): ReturnType<typeof createOracle> {
  return createOracle(planOfContent(plan, { stages: [patternStage], churn: { acknowledged } }));
}

test('the program writes until it is told to end, reads nothing wrong, and its counts say what the file holds', async ({
  bench,
}) => {
  const devicePath = bench.makeDevice('expected');
  writeFileSync(bench.path('plan.json'), JSON.stringify(plan));
  const client = createProbeClient({
    exec: localExec,
    probePath: bench.path('probe.cjs'),
    planPath: bench.path('plan.json'),
    expectedPath: bench.path('expected.json'),
    devicePath,
    sizeBytes: plan.volume.sizeBytes,
    signal: new AbortController().signal,
  });
  let begun: () => void = () => undefined;
  const writes = new Promise<void>((resolve) => (begun = resolve));
  const churn = client.churn({ timeoutMs, onProgress: () => begun() });
  await Promise.race([writes, churn.result]);
  assert.equal(await churn.stop(), 1);
  const result = await churn.result;
  assert.deepEqual([result.wrongBlocks, result.failure, result.flushed], [[], undefined, true]);
  assert.deepEqual(result.acknowledged, result.sent);
  assert.ok(result.writes > 0 && result.reads.requests > 0);
  const found = await readFile(devicePath);
  assert.deepEqual(expectedAfter(result).classify({ offsetBytes: 0, found }), []);
  assert.equal(await churn.stop(), 0);
});

/** A device in memory; `lie` may take a write for itself. */
function memoryDevice(
  bytes: Buffer,
  lie: (offsetBytes: number, source: Uint8Array) => 'write' | 'drop' | 'fail',
): Device {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    kind: 'file',
    direct: 'O_DIRECT',
    sizeBytes: bytes.length,
    logicalBlockBytes: 512,
    read: async (offsetBytes, target) => {
      await turn();
      target.set(bytes.subarray(offsetBytes, offsetBytes + target.length));
    },
    write: async (offsetBytes, source) => {
      await turn();
      const decision = lie(offsetBytes, source);
      if (decision === 'fail') throw new Error('the device is gone');
      if (decision === 'write') bytes.set(source, offsetBytes);
    },
    discard: turn,
    writeZeroes: turn,
    flush: turn,
    close: turn,
  };
}

async function churnOn(
  lie: (connection: number) => 'write' | 'drop' | 'fail',
  runMs: number,
): Promise<{ result: ChurnResult; bytes: Buffer }> {
  const bytes = Buffer.alloc(plan.volume.sizeBytes);
  usual.expectedInto(0, bytes);
  const connections = plan.churn?.connections.length ?? 0;
  const result = await runChurn({
    writers: Array.from({ length: connections }, (_, connection) => memoryDevice(bytes, () => lie(connection))),
    readers: [memoryDevice(bytes, () => 'write')],
    plan,
    stop: AbortSignal.timeout(runMs),
    onProgress: () => undefined,
  });
  return { result, bytes };
}

test('a device that does what it says is never accused', async () => {
  const { result, bytes } = await churnOn(() => 'write', 400);
  assert.deepEqual([result.wrongBlocks, result.failure], [[], undefined]);
  assert.deepEqual(expectedAfter(result).classify({ offsetBytes: 0, found: bytes }), []);
});

test('writes of one connection that are acknowledged and dropped are seen by the reads', async () => {
  const { result } = await churnOn((connection) => (connection === 1 ? 'drop' : 'write'), 1500);
  const own = plan.churn?.connections[1] ?? [];
  assert.ok(result.wrongBlocks.length > 0);
  for (const { offsetBytes, wrongByteKind } of result.wrongBlocks) {
    const isOwn = own.some(
      (block) => block.offsetBytes <= offsetBytes && offsetBytes < block.offsetBytes + block.lengthBytes,
    );
    assert.ok(isOwn, `${offsetBytes} is no block of the connection`);
    assert.notEqual(wrongByteKind, 'garbage');
  }
});

test('a device that fails ends it, with what was in flight told apart from what was acknowledged', async () => {
  let writes = 0;
  const { result } = await churnOn(() => (++writes > 40 ? 'fail' : 'write'), 30_000);
  assert.match(result.failure ?? '', /the device is gone/);
  assert.equal(result.flushed, false);
  assert.equal(
    result.acknowledged.reduce((sum, count) => sum + count, 0),
    40,
  );
  assert.ok(result.sent.some((count, connection) => count === (result.acknowledged[connection] ?? 0) + 1));
});

test('after a crash the program tells which of the writes in flight are there, and finds nothing wrong', async ({
  bench,
}) => {
  writeFileSync(bench.path('plan.json'), JSON.stringify(plan));
  const acknowledged = (plan.churn?.connections ?? []).map((_, connection) => 5 + connection);
  const sent = acknowledged.map((count, connection) => (connection < 2 ? count + 1 : count));
  const devicePath = bench.makeDevice('expected');
  const content = { name: 'acknowledged', stages: [patternStage], churn: { acknowledged } };
  // Of the two in flight, that of the first connection is there.
  const there = planOfContent(plan, { ...content, churn: { acknowledged: acknowledged.with(0, sent[0] ?? 0) } });
  const bytes = Buffer.alloc(plan.volume.sizeBytes);
  createOracle(there).expectedInto(0, bytes);
  writeFileSync(devicePath, bytes);
  const client = createProbeClient({
    exec: localExec,
    probePath: bench.path('probe.cjs'),
    planPath: bench.path('plan.json'),
    expectedPath: bench.path('expected.json'),
    devicePath,
    sizeBytes: plan.volume.sizeBytes,
    signal: new AbortController().signal,
  });
  const { doubtful, landed, unstable, wrongBlocks } = await client.settle({ content, sent, timeoutMs });
  assert.equal(doubtful.length, 2);
  assert.deepEqual([landed.length > 0, unstable, wrongBlocks], [true, [], []]);
  const bytesLanded = landed.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  assert.equal(bytesLanded, doubtful[0]?.lengthBytes);
  const settled = createOracle(planOfContent(plan, { stages: [patternStage], churn: { acknowledged, landed } }));
  assert.deepEqual(settled.classify({ offsetBytes: 0, found: bytes }), []);
});
