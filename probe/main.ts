/**
 * The program inside the pod: identifies, writes and reads one device, or serves the image. One bundled file without
 * dependencies; results are framed on standard output, progress and the one line of an error go to standard error.
 */
import { isMainThread } from 'node:worker_threads';
import { createOracle } from '../helpers/oracle/oracle.ts';
import type { PlannedWrite } from '../helpers/oracle/plan.ts';
import { planOfContent, stageWrites, writtenContent } from '../helpers/oracle/recipe.ts';
import { runChurn, type ChurnResult } from './churn/churn.ts';
import { readsAtOnce, settle } from './churn/settle.ts';
import { stopChurn } from './churn/stop.ts';
import { parseCommandLine, usage } from './command-line.ts';
import type { Command } from './command-line.ts';
import type { Device } from './device/device.ts';
import { runDiscarded } from './discarded.ts';
import { openDevice } from './device/open-device.ts';
import { exitCodes, messageOf, ProbeError } from './exit-codes.ts';
import { runFill } from './fill.ts';
import { encodeFrame } from './framing.ts';
import { identify } from './identify.ts';
import { readExpected, readPlan } from './input-files.ts';
import { runDigestThread } from './pass/digest-thread.ts';
import { runPass } from './pass/pass.ts';
import { progressReporter } from './progress.ts';
import { serveImage } from './serve.ts';
import { runWrites } from './write.ts';

type DeviceCommand = Exclude<Command, { name: 'serve' | 'idle' }>;
type ChurnCommand = Extract<Command, { name: 'churn' }>;

/** File requests run in libuv's pool, whose size is read at its first use; with the default of 4 no queue is deeper. */
function growThreadPool(threads: number): void {
  process.env['UV_THREADPOOL_SIZE'] = String(threads);
}

function requireHolds(device: Device, writes: readonly PlannedWrite[]): void {
  const end = Math.max(0, ...writes.map(({ offsetBytes, lengthBytes }) => offsetBytes + lengthBytes));
  if (end <= device.sizeBytes) return;
  throw new ProbeError('size', `the device has ${device.sizeBytes} bytes, the plan writes up to byte ${end}`);
}

function requireSize(device: Device, expectedBytes: number): void {
  if (device.sizeBytes === expectedBytes) return;
  throw new ProbeError('size', `the device has ${device.sizeBytes} bytes, the plan's volume has ${expectedBytes}`);
}

const readers: readonly Command['name'][] = ['pass', 'identify', 'settle', 'discarded'];

async function withDevice<T>(
  command: Exclude<DeviceCommand, { name: 'churn' | 'stop' }>,
  use: (device: Device) => Promise<T> | T,
): Promise<T> {
  const device = await openDevice(command.device, readers.includes(command.name) ? 'read' : 'read-write');
  try {
    return await use(device);
  } finally {
    await device.close();
  }
}

const churnReaders = 2;

/** Runs until SIGTERM, which `probe stop` sends, or until its time is over. */
async function churn(command: ChurnCommand): Promise<ChurnResult> {
  const { content } = command;
  const plan = planOfContent(readPlan(command.planPath), { stages: content.stages });
  const connections = plan.churn?.connections.length ?? 0;
  if (connections === 0) throw new ProbeError('input', 'the plan has no writes that go on');
  growThreadPool(connections + 8 * churnReaders);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const timer = setTimeout(() => stop.abort(), command.mostSeconds * 1000);
  const devices: Device[] = [];
  try {
    for (let count = 0; count < connections + churnReaders; count++) {
      const device = await openDevice(command.device, count < connections ? 'read-write' : 'read');
      devices.push(device);
      requireSize(device, plan.volume.sizeBytes);
    }
    return await runChurn({
      writers: devices.slice(0, connections),
      readers: devices.slice(connections),
      plan,
      ...(content.churn === undefined ? {} : { state: content.churn }),
      stop: stop.signal,
      onProgress: progressReporter(Infinity),
    });
  } finally {
    clearTimeout(timer);
    // A device that failed may fail to close as well; what was seen of it counts all the same.
    await Promise.allSettled(devices.map((device) => device.close()));
  }
}

async function execute(command: DeviceCommand): Promise<unknown> {
  if (command.name === 'stop') return stopChurn(command.process);
  if (command.name === 'churn') return churn(command);
  if (command.name === 'identify') return withDevice(command, identify);
  const plan = readPlan(command.planPath);
  if (command.name === 'write') {
    const writes = stageWrites(plan, command.stage);
    const total = writes.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    return withDevice(command, (device) => {
      requireHolds(device, writes);
      return runWrites({ device, plan, writes, onProgress: progressReporter(total) });
    });
  }
  if (command.name === 'discarded') {
    const content = planOfContent(plan, command.content);
    return withDevice(command, (device) => {
      requireSize(device, content.volume.sizeBytes);
      return runDiscarded({ device, plan: content });
    });
  }
  if (command.name === 'settle') {
    const { content, sent } = command;
    const state = content.churn;
    if (state === undefined) throw new ProbeError('input', '--content says of no writes that went on');
    growThreadPool(readsAtOnce + 2);
    return withDevice(command, (device) => {
      requireSize(device, plan.volume.sizeBytes);
      return settle({ device, plan: planOfContent(plan, { stages: content.stages }), state, sent });
    });
  }
  if (command.name === 'fill') {
    return withDevice(command, (device) => {
      requireSize(device, plan.volume.sizeBytes);
      return runFill({ device, plan, onProgress: progressReporter(plan.image.sizeBytes) });
    });
  }
  const content = planOfContent(plan, command.content ?? writtenContent);
  const { expectedPath } = command;
  const expected =
    expectedPath === undefined ? createOracle(content).fingerprint() : readExpected(expectedPath, content);
  const { shape, inspectLimitBytes } = command;
  growThreadPool(shape.depth + 2);
  return withDevice(command, (device) => {
    requireSize(device, content.volume.sizeBytes);
    const onProgress = progressReporter(device.sizeBytes);
    return runPass({ device, plan: content, expected, shape, inspectLimitBytes, threadFile: __filename, onProgress });
  });
}

/** As the first process of a container it must handle signals itself: the kernel gives it no default. */
function untilTerminated(): Promise<void> {
  const aliveIntervalMs = 2 ** 30;
  return new Promise((resolve) => {
    const keepAlive = setInterval(() => undefined, aliveIntervalMs);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        clearInterval(keepAlive);
        resolve();
      });
    }
  });
}

async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.name === 'idle') {
    await untilTerminated();
    return;
  }
  if (command.name === 'serve') {
    const server = await serveImage({ ...command, plan: readPlan(command.planPath) });
    await untilTerminated();
    server.close();
    server.closeAllConnections();
    return;
  }
  const frame = encodeFrame(command.nonce, await execute(command));
  await new Promise<void>((resolve, reject) =>
    process.stdout.write(frame, (error) => (error ? reject(error) : resolve())),
  );
}

function fail(error: unknown): void {
  const state = error instanceof ProbeError ? error.state : 'internal';
  const text = messageOf(error).replaceAll(/\s+/g, ' ');
  process.stderr.write(`probe: ${state}: ${text}\n${state === 'usage' ? `${usage}\n` : ''}`);
  process.exit(exitCodes[state]);
}

if (isMainThread) main().catch(fail);
else runDigestThread();
