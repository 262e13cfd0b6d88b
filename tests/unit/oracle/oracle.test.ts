import { createHash } from 'node:crypto';
import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import fc from 'fast-check';
import { OracleRangeError } from '../../../helpers/oracle/content.ts';
import { mibBytes } from '../../../helpers/oracle/geometry.ts';
import { createOracle, expectedWrongBlocksIfParentLost } from '../../../helpers/oracle/oracle.ts';
import type { Plan } from '../../../helpers/oracle/plan.ts';
import { describeSector, seedTag } from '../../../helpers/oracle/sector.ts';
import { planOf, smallPlans, validPlans } from './plans.ts';

function expectedDevice(plan: Plan): Buffer {
  const device = Buffer.alloc(plan.volume.sizeBytes, 0xee);
  createOracle(plan).expectedInto(0, device);
  return device;
}

/** The model said differently: sector by sector, the last write that covers it, else the image, else zeros. */
function expectedIdentity(plan: Plan, at: number): string {
  const covers = (range: { offsetBytes: number; lengthBytes: number }): boolean =>
    range.offsetBytes <= at && at < range.offsetBytes + range.lengthBytes;
  const write = plan.writes.filter(covers).sort((a, b) => b.generation - a.generation)[0];
  if (write) return write.kind === 'zeros' ? 'zeros' : `volume ${at / 512} ${write.generation}`;
  return plan.image.extents.find(covers)?.kind === 'data' ? `image ${at / 512} 0` : 'zeros';
}

test('every sector of the expected device is what a plain reading of the plan says', () => {
  fc.assert(
    fc.property(smallPlans, (plan) => {
      const device = expectedDevice(plan);
      const tag = seedTag(plan.seed);
      const found: string[] = [];
      const wanted: string[] = [];
      for (let at = 0; at < device.length; at += 512) {
        const description = describeSector(device.subarray(at, at + 512));
        wanted.push(expectedIdentity(plan, at));
        if (description.kind !== 'intact') found.push(description.kind);
        else {
          const { source, lba, generation, seedTag: foundTag } = description.identity;
          found.push(foundTag === tag ? `${source} ${lba} ${generation}` : 'foreign');
        }
      }
      assert.deepEqual(found, wanted);
    }),
    { numRuns: 5 },
  );
});

test('any part of the device is the same whether asked for alone or with its neighbours', () => {
  const plan = planOf({ volumeSizeBytes: 16 * mibBytes });
  const oracle = createOracle(plan);
  const device = expectedDevice(plan);
  const sectors = device.length / 512;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: sectors - 1 }), fc.integer({ min: 1, max: 5000 }), (first, count) => {
      const length = Math.min(count, sectors - first) * 512;
      const part = Buffer.alloc(length, 0xee);
      oracle.expectedInto(first * 512, part);
      assert.ok(part.equals(device.subarray(first * 512, first * 512 + length)));
    }),
  );
});

test('a fingerprint is that of the bytes, the last MiB being shorter where the device is', () => {
  for (const volumeSizeBytes of [16 * mibBytes, 18 * mibBytes + 512]) {
    const plan = planOf({ volumeSizeBytes });
    const device = expectedDevice(plan);
    const { byteCount, sha256, mibSha256 } = createOracle(plan).fingerprint();
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    assert.equal(byteCount, volumeSizeBytes);
    assert.equal(sha256, digest(device));
    const mibs = Array.from({ length: Math.ceil(device.length / mibBytes) }, (_, index) => index * mibBytes);
    assert.deepEqual(
      mibSha256,
      mibs.map((at) => digest(device.subarray(at, at + mibBytes))),
    );
  }
});

test('the SHA-512 of the image is that of its raw bytes', () => {
  const plan = planOf();
  const oracle = createOracle(plan);
  const image = Buffer.alloc(plan.image.sizeBytes);
  oracle.imageInto(0, image);
  assert.equal(oracle.imageSha512(), createHash('sha512').update(image).digest('hex'));
});

test('the range classes cover the device without a gap and agree with every sector asked for', () => {
  fc.assert(
    fc.property(validPlans, (plan) => {
      const oracle = createOracle(plan);
      const summary = oracle.rangeClassSummary();
      let end = 0;
      for (const { offsetBytes, lengthBytes, rangeClass } of summary) {
        assert.equal(offsetBytes, end);
        end += lengthBytes;
        assert.equal(oracle.rangeClassAt(offsetBytes), rangeClass);
        assert.equal(oracle.rangeClassAt(end - 512), rangeClass);
      }
      assert.equal(end, plan.volume.sizeBytes);
      assert.equal(oracle.dominantRangeClasses().length, Math.ceil(plan.volume.sizeBytes / mibBytes));
      const classes = new Set(summary.map(({ rangeClass }) => rangeClass));
      assert.deepEqual([...classes].sort(), [
        'beyond-image',
        'image-data',
        'image-hole',
        'image-zeros',
        'written',
        'written-zeros',
      ]);
    }),
    { numRuns: 40 },
  );
});

test('content beyond 2 TiB is told apart from that of the place whose sector number has the same low 32 bits', () => {
  const wrapBytes = 512 * 2 ** 32;
  const nearBytes = 32 * mibBytes;
  const farBytes = wrapBytes + nearBytes;
  const write = { lengthBytes: 4096, kind: 'data', generation: 1, purpose: 'a page' } as const;
  const writes = [nearBytes, farBytes].map((offsetBytes) => ({ ...write, offsetBytes }));
  const oracle = createOracle({ ...planOf(), volume: { sizeBytes: farBytes + mibBytes, replicaCount: 2 }, writes });
  const found = Buffer.alloc(4096);
  oracle.expectedInto(nearBytes, found);
  const kinds = oracle.classify({ offsetBytes: farBytes, found }).map(({ wrongByteKind }) => wrongByteKind);
  assert.deepEqual(kinds, ['other-offset']);
});

/** What the kernel, blkid and LVM look for: where, and what for. Documented in libblkid's superblock probes. */
const signatures: readonly { name: string; at: number; bytes: Buffer }[] = [
  { name: 'ext2, ext3, ext4', at: 0x438, bytes: Buffer.from([0x53, 0xef]) },
  { name: 'XFS', at: 0, bytes: Buffer.from('XFSB') },
  { name: 'btrfs', at: 0x10040, bytes: Buffer.from('_BHRfS_M') },
  { name: 'LUKS', at: 0, bytes: Buffer.from('LUKS') },
  { name: 'swap', at: 4086, bytes: Buffer.from('SWAPSPACE2') },
  { name: 'md', at: 4096, bytes: Buffer.from([0xfc, 0x4e, 0x2b, 0xa9]) },
  { name: 'a partition table', at: 510, bytes: Buffer.from([0x55, 0xaa]) },
  { name: 'GPT', at: 512, bytes: Buffer.from('EFI PART') },
  ...[0, 512, 1024, 1536].map((at) => ({ name: 'LVM', at, bytes: Buffer.from('LABELONE') })),
];

test('neither image nor volume looks like a filesystem, a partition or a part of one: no host takes it for its own', () => {
  const head = Buffer.alloc(128 * 1024);
  for (let seed = 0; seed < 40; seed++) {
    const oracle = createOracle(planOf({ seed: `head ${seed}`, volumeSizeBytes: 16 * mibBytes }));
    for (const content of ['imageInto', 'expectedInto'] as const) {
      oracle[content](0, head);
      const seen = signatures.filter(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes));
      assert.deepEqual(
        seen.map(({ name }) => name),
        [],
      );
    }
  }
});

test('questions beyond the device or off its sectors are refused', () => {
  const plan = planOf();
  const oracle = createOracle(plan);
  assert.throws(() => oracle.expectedInto(plan.volume.sizeBytes, Buffer.alloc(512)), OracleRangeError);
  assert.throws(() => oracle.expectedInto(100, Buffer.alloc(512)), OracleRangeError);
  assert.throws(() => oracle.imageInto(plan.image.sizeBytes, Buffer.alloc(512)), OracleRangeError);
  assert.throws(() => oracle.rangeClassAt(plan.volume.sizeBytes), OracleRangeError);
});

test('a plan whose image leaves a gap is refused', () => {
  const plan = planOf();
  const extents = plan.image.extents.slice(1);
  assert.throws(() => createOracle({ ...plan, image: { ...plan.image, extents } }), OracleRangeError);
});

test('a replica without its shared parent differs exactly in the blocks foretold', () => {
  fc.assert(
    fc.property(smallPlans, (plan) => {
      const oracle = createOracle(plan);
      const device = expectedDevice(plan);
      // The replica as raid1 left it: only clusters that a write allocated, everything else falls through to nothing.
      const allocated = new Set<number>();
      for (const { offsetBytes, lengthBytes } of plan.writes) {
        for (let at = offsetBytes; at < offsetBytes + lengthBytes; at += 512) allocated.add(Math.floor(at / mibBytes));
      }
      for (let cluster = 0; cluster * mibBytes < device.length; cluster++) {
        if (!allocated.has(cluster)) device.fill(0, cluster * mibBytes, (cluster + 1) * mibBytes);
      }
      const foretold = expectedWrongBlocksIfParentLost(plan);
      assert.deepEqual(oracle.classify({ offsetBytes: 0, found: device }), foretold);
      assert.ok(foretold.length > 0);
    }),
    { numRuns: 10 },
  );
});
