import { join } from 'node:path';
import { execa } from 'execa';
import { mibBytes } from '../../helpers/oracle/geometry.ts';
import type { Oracle } from '../../helpers/oracle/oracle.ts';
import { probeFileNames } from '../../helpers/probe/bundle.ts';
import { decodeFrame } from '../../probe/framing.ts';
import type { PassResult } from '../../probe/pass/pass.ts';
import type { Device } from './device.ts';

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

/** One way to read a device, or what limits all of them. */
export interface Contender {
  readonly name: string;
  /** Seconds for the whole device. */
  measure(): Promise<number>;
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

/** The probe's pass first; it finds its program and plan in the directory. */
export function contenders(directory: string, device: Device, oracle: Oracle): Contender[] {
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
