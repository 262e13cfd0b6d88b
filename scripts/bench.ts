/**
 * `npm run bench`: what one pass of the probe costs, next to how Longhorn's tests read a device today, next to
 * `dd | sha256sum`, and next to what the machine allows. All of it in one run, on one device, in alternating rounds.
 */
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { mibBytes } from '../helpers/oracle/geometry.ts';
import { makePlan } from '../helpers/oracle/make-plan.ts';
import { createOracle, type Oracle } from '../helpers/oracle/oracle.ts';
import { probeFileNames, probeFiles } from '../helpers/probe/bundle.ts';
import { decodeFrame } from '../probe/framing.ts';
import type { PassResult } from '../probe/pass/pass.ts';
import { type CommandHelp, helpText, parseFlags } from './command-line/flags.ts';
import { provisionedBytes } from '../helpers/longhorn/volume-size.ts';
import { parseVolumeSize } from './command-line/size.ts';
import { runCommand } from './command-line/usage-error.ts';

const help: CommandHelp = {
  summary:
    'Measures one pass of the probe side by side with the upstream way, with dd | sha256sum and with the limit.\n' +
    'Reads a loop device where it may make one (root), a file otherwise.',
  usage: 'npm run bench -- [flags]',
  flags: {
    size: { value: 'SIZE', text: 'of the device (default 500Mi)' },
    rounds: { value: 'N', text: 'measurements of each, alternating (default 5)' },
    'cold-disk': {
      text: 'let the loop device read the disk directly (default: from memory, so that readers are compared, not disks)',
    },
    directory: { value: 'DIR', text: 'where the device file goes (default reports/out)' },
  },
  examples: ['npm run bench', 'npm run bench -- --size 2Gi --rounds 3'],
};

/** Longhorn's own test: one thread, 4 KiB at a time through the page cache, SHA-512 (longhorn-tests:manager/integration/tests/common.py). */
const upstreamReader = `
import hashlib, sys
digest = hashlib.sha512()
with open(sys.argv[1], "rb") as device:
    for block in iter(lambda: device.read(4096), b""):
        digest.update(block)
print(digest.hexdigest())
`;

const shape = { requestBytes: mibBytes, phaseBytes: 4096, depth: 8 };

interface Device {
  readonly path: string;
  readonly kind: string;
  remove(): Promise<void>;
}

interface Contender {
  readonly name: string;
  /** Seconds for the whole device. */
  measure(): Promise<number>;
}

function fillFile(path: string, oracle: Oracle): void {
  const fd = openSync(path, 'w');
  const buffer = Buffer.alloc(mibBytes);
  const { sizeBytes } = oracle.plan.volume;
  for (let at = 0; at < sizeBytes; at += mibBytes) {
    const part = buffer.subarray(0, Math.min(mibBytes, sizeBytes - at));
    oracle.expectedInto(at, part);
    writeSync(fd, part);
  }
  fsyncSync(fd);
  closeSync(fd);
}

async function makeDevice(file: string, backing: 'memory' | 'disk'): Promise<Device> {
  if (process.getuid?.() !== 0) return { path: file, kind: 'file', remove: () => Promise.resolve() };
  const loop = await execa('losetup', ['--find', '--show', `--direct-io=${backing === 'disk' ? 'on' : 'off'}`, file], {
    reject: false,
  });
  if (loop.exitCode !== 0) return { path: file, kind: 'file (no loop device)', remove: () => Promise.resolve() };
  const remove = async (): Promise<void> => void (await execa('losetup', ['--detach', loop.stdout]));
  return {
    path: loop.stdout,
    kind: `loop device over a file ${backing === 'disk' ? 'read from disk' : 'in the page cache'}`,
    remove,
  };
}

/** Makes the page cache forget the device: with a count of 0, dd's nocache means all of it. */
async function dropCache(device: Device): Promise<void> {
  await execa('dd', [`if=${device.path}`, 'iflag=nocache', 'count=0', 'status=none']);
}

async function seconds(device: Device, run: () => Promise<unknown>): Promise<number> {
  await dropCache(device);
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

/** One core's SHA-256 over the device's size, as `openssl speed` finds it. */
async function digestSeconds(sizeBytes: number): Promise<number> {
  const { stdout } = await execa('openssl', [
    'speed',
    '-elapsed',
    '-seconds',
    '1',
    '-bytes',
    String(mibBytes),
    '-mr',
    'sha256',
  ]);
  const bytesPerSecond = Number(/^\+F:\d+:sha256:([\d.]+)$/m.exec(stdout)?.[1]);
  if (!(bytesPerSecond > 0)) throw new Error(`openssl speed printed no rate: ${stdout}`);
  return sizeBytes / bytesPerSecond;
}

async function checkedPass(directory: string, device: Device, oracle: Oracle): Promise<void> {
  const nonce = 'bench-pass';
  const file = (name: keyof typeof probeFileNames): string => join(directory, probeFileNames[name]);
  const { stdout } = await execa(
    'node',
    [
      ...[file('program'), 'pass', '--device', device.path, '--nonce', nonce],
      ...['--plan', file('plan'), '--expected', file('expected')],
      ...['--shape', `${shape.requestBytes}:${shape.phaseBytes}:${shape.depth}`],
    ],
    { stripFinalNewline: false },
  );
  const { fingerprint } = decodeFrame(nonce, stdout) as PassResult;
  if (fingerprint.sha256 !== oracle.fingerprint().sha256)
    throw new Error('the pass found another content than was written');
}

function contenders(directory: string, device: Device, oracle: Oracle): Contender[] {
  const { sizeBytes } = oracle.plan.volume;
  const read = `dd if=${device.path} iflag=direct bs=1M status=none`;
  return [
    { name: 'probe pass', measure: () => seconds(device, () => checkedPass(directory, device, oracle)) },
    { name: 'upstream', measure: () => seconds(device, () => execa('python3', ['-c', upstreamReader, device.path])) },
    { name: 'dd | sha256sum', measure: () => seconds(device, () => execa('sh', ['-c', `${read} | sha256sum`])) },
    { name: 'dd alone', measure: () => seconds(device, () => execa('sh', ['-c', `${read} of=/dev/null`])) },
    { name: 'SHA-256 alone', measure: () => digestSeconds(sizeBytes) },
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

interface Row {
  readonly name: string;
  readonly medianSeconds: number;
  readonly spread: string;
  readonly remark: string;
}

const remarks: Readonly<Record<string, string>> = {
  'probe pass': 'direct, 8 × 1 MiB in flight, SHA-256 of the device and of each MiB, compared',
  upstream: 'buffered, 4 KiB, SHA-512, one thread, cold cache',
  'dd | sha256sum': 'direct, 1 MiB, one in flight, SHA-256 of the device',
  'dd alone': 'direct, 1 MiB, to /dev/null',
  'SHA-256 alone': 'openssl speed, one core',
};

function rowOf(name: string, samples: readonly number[]): Row {
  const spread = `${Math.min(...samples).toFixed(2)} to ${Math.max(...samples).toFixed(2)}`;
  return { name, medianSeconds: median(samples), spread, remark: remarks[name] ?? '' };
}

function printTable(rows: readonly Row[], sizeBytes: number): void {
  const pass = rows.find(({ name }) => name === 'probe pass')?.medianSeconds ?? NaN;
  const print = (...cells: readonly [string, string, string, string, string, string]): void => {
    const [name, time, spread, rate, ratio, remark] = cells;
    console.log(
      `${name.padEnd(16)}${time.padStart(8)}  ${spread.padEnd(14)}${rate.padStart(8)}${ratio.padStart(10)}  ${remark}`,
    );
  };
  print('', 'seconds', 'spread', 'MiB/s', 'vs pass', '');
  for (const { name, medianSeconds, spread, remark } of rows) {
    const rate = (sizeBytes / mibBytes / medianSeconds).toFixed(0);
    print(name, medianSeconds.toFixed(2), spread, rate, `${(medianSeconds / pass).toFixed(2)}×`, remark);
  }
}

function printRatios(rows: readonly Row[]): void {
  const of = (name: string): number => rows.find((row) => row.name === name)?.medianSeconds ?? NaN;
  const limit = Math.max(of('dd alone'), of('SHA-256 alone'));
  const pass = of('probe pass');
  console.log('');
  console.log(
    `The pass is ${(of('upstream') / pass).toFixed(1)} times as fast as the upstream way (expected: 4 or more),`,
  );
  console.log(
    `${(of('dd | sha256sum') / pass).toFixed(2)} times as fast as dd | sha256sum, and reaches ${((limit / pass) * 100).toFixed(0)} % of the limit,`,
  );
  console.log(
    `which is ${of('dd alone') > of('SHA-256 alone') ? 'the device' : 'one core of SHA-256'} (expected: 80 % or more).`,
  );
}

async function bench(argv: readonly string[]): Promise<number> {
  const flags = parseFlags(argv, help);
  if (flags.given('help')) {
    console.log(helpText(help));
    return 0;
  }
  const volumeSizeBytes = provisionedBytes(parseVolumeSize('--size', flags.text('size') ?? '500Mi'));
  const rounds = flags.integer('rounds', { min: 1, max: 100 }) ?? 5;
  const parent = resolve(flags.text('directory') ?? 'reports/out');
  const plan = makePlan({ seed: 'bench', imageFormat: 'raw', volumeSizeBytes, replicaCount: 2, reads: 1 });
  const oracle = createOracle(plan);
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'bench-'));
  try {
    for (const [name, content] of Object.entries(await probeFiles(plan, oracle.fingerprint()))) {
      writeFileSync(join(directory, name), content);
    }
    fillFile(join(directory, 'device'), oracle);
    const device = await makeDevice(join(directory, 'device'), flags.given('cold-disk') ? 'disk' : 'memory');
    try {
      console.log(
        `${volumeSizeBytes / mibBytes} MiB on a ${device.kind}, ${availableParallelism()} cores, Node ${process.version}, ${rounds} rounds, medians\n`,
      );
      const all = contenders(directory, device, oracle).map((contender) => ({ ...contender, samples: [] as number[] }));
      for (let round = 0; round < rounds; round++) {
        for (const contender of all) contender.samples.push(await contender.measure());
      }
      const rows = all.map(({ name, samples }) => rowOf(name, samples));
      printTable(rows, volumeSizeBytes);
      printRatios(rows);
    } finally {
      await device.remove();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return 0;
}

await runCommand('bench', () => bench(process.argv.slice(2)));
