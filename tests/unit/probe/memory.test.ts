import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { mibBytes } from '../../../helpers/oracle/geometry.ts';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import { probeFileNames } from '../../../helpers/probe/bundle.ts';
import { hasTool, test } from './machine.ts';
import type { Bench } from './machine.ts';

/** Peak resident memory of one pass over a sparse file, in KiB, as GNU time tells it. */
async function peakKib(bench: Bench, volumeMib: number): Promise<number> {
  const volumeSizeBytes = volumeMib * mibBytes;
  const plan = makePlan({
    seed: 'memory',
    imageFormat: 'raw',
    volumeSizeBytes,
    imageSizeBytes: 8 * mibBytes,
    replicaCount: 2,
    reads: 1,
  });
  const device = bench.path('device');
  writeFileSync(device, '');
  truncateSync(device, volumeSizeBytes);
  writeFileSync(bench.path(probeFileNames.plan), JSON.stringify(plan));
  writeFileSync(bench.path(probeFileNames.expected), JSON.stringify(createOracle(plan).fingerprint()));
  const { stderr, stdout } = await execa('/usr/bin/time', [
    ...['--format=%M', 'node', bench.path(probeFileNames.program), 'pass', '--device', device, '--nonce', 'nonce-1234'],
    ...[
      '--plan',
      bench.path(probeFileNames.plan),
      '--expected',
      bench.path(probeFileNames.expected),
      '--shape',
      '1048576:0:16',
    ],
  ]);
  assert.match(stdout, /^probe-result begin/);
  return Number(stderr.split('\n').at(-1));
}

test('memory of a pass does not grow with the device', async ({ bench }) => {
  test.skip(!hasTool('time'), 'GNU time is not installed');
  const small = await peakKib(bench, 32);
  const large = await peakKib(bench, 512);
  assert.ok(large < small + 64 * 1024, `32 MiB: ${small} KiB, 512 MiB: ${large} KiB`);
});
