import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { execa } from 'execa';
import { imageContent } from '../../../helpers/oracle/content.ts';
import { mibBytes } from '../../../helpers/oracle/geometry.ts';
import { makePlan } from '../../../helpers/oracle/make-plan.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import type { Plan } from '../../../helpers/oracle/plan.ts';
import { readImageFile } from '../../../probe/image-file.ts';
import type { ImageFile } from '../../../probe/image-file.ts';
import { qcow2File } from '../../../probe/qcow2/qcow2-file.ts';
import { hasTool, test } from './machine.ts';

function planOf(seed: string, imageMib: number): Plan {
  const volumeSizeBytes = 2 * imageMib * mibBytes;
  return makePlan({
    seed,
    imageFormat: 'qcow2',
    volumeSizeBytes,
    imageSizeBytes: imageMib * mibBytes,
    replicaCount: 2,
    reads: 1,
  });
}

function save(file: ImageFile, path: string): void {
  const fd = openSync(path, 'w');
  for (const chunk of readImageFile(file, 0, file.sizeBytes)) writeSync(fd, chunk);
  closeSync(fd);
}

for (const { seed, imageMib } of [
  { seed: 'a', imageMib: 8 },
  { seed: 'b', imageMib: 33 },
  { seed: 'c', imageMib: 64 },
]) {
  test(`qemu-img finds no fault in a qcow2 image of ${imageMib} MiB and converts it to the identical raw image`, async ({
    bench,
  }) => {
    test.skip(!hasTool('qemu-img'), 'qemu-img is not installed');
    const plan = planOf(seed, imageMib);
    save(qcow2File(imageContent(plan)), bench.path('image.qcow2'));
    const check = await execa('qemu-img', ['check', '--output=json', bench.path('image.qcow2')]);
    assert.equal((JSON.parse(check.stdout) as { 'check-errors': number })['check-errors'], 0);
    await execa('qemu-img', ['convert', '-O', 'raw', bench.path('image.qcow2'), bench.path('image.raw')]);
    const image = Buffer.alloc(plan.image.sizeBytes);
    createOracle(plan).imageInto(0, image);
    assert.ok(readFileSync(bench.path('image.raw')).equals(image));
  });
}

test('qemu-img maps the same data, zeros and holes that the plan has', async ({ bench }) => {
  test.skip(!hasTool('qemu-img'), 'qemu-img is not installed');
  const plan = planOf('map', 32);
  save(qcow2File(imageContent(plan)), bench.path('image.qcow2'));
  const { stdout } = await execa('qemu-img', ['map', '--output=json', bench.path('image.qcow2')]);
  const map = JSON.parse(stdout) as { start: number; length: number; data: boolean; zero: boolean; present: boolean }[];
  const at = (offset: number) => map.find(({ start, length }) => start <= offset && offset < start + length);
  const clusterBytes = 65536;
  let checked = 0;
  for (const { offsetBytes, lengthBytes, kind } of plan.image.extents) {
    const end = offsetBytes + lengthBytes;
    for (let cluster = Math.ceil(offsetBytes / clusterBytes); (cluster + 1) * clusterBytes <= end; cluster++) {
      const found = at(cluster * clusterBytes);
      const state = found?.data === true ? 'data' : found?.present === true ? 'zeros' : 'hole';
      assert.equal(state, kind, `cluster at ${cluster * clusterBytes}`);
      checked++;
    }
  }
  assert.ok(checked > 100);
});

test('any range of an image file is the same as that part of the whole file', () => {
  const file = qcow2File(imageContent(planOf('ranges', 8)));
  const whole = Buffer.concat([...readImageFile(file, 0, file.sizeBytes)]);
  assert.equal(whole.length, file.sizeBytes);
  for (const [from, to] of [
    [0, 1],
    [1, 600],
    [65535, 65537],
    [file.sizeBytes - 1, file.sizeBytes],
    [12345, 1_234_567],
  ] as const) {
    assert.ok(Buffer.concat([...readImageFile(file, from, to)]).equals(whole.subarray(from, to)), `${from} to ${to}`);
  }
});
