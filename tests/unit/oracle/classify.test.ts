import { randomBytes } from 'node:crypto';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { joinBlocks } from '../../../helpers/oracle/classify.ts';
import { OracleRangeError, writeInto } from '../../../helpers/oracle/content.ts';
import { mibBytes } from '../../../helpers/oracle/geometry.ts';
import { createOracle } from '../../../helpers/oracle/oracle.ts';
import type { Oracle } from '../../../helpers/oracle/oracle.ts';
import type { PlannedWrite, RangeClass, WrongBlock } from '../../../helpers/oracle/plan.ts';
import { fillSectors, seedTag as tagOf } from '../../../helpers/oracle/sector.ts';
import { planOf } from './plans.ts';

const plan = planOf({ volumeSizeBytes: 32 * mibBytes, imageSizeBytes: 16 * mibBytes });
const oracle = createOracle(plan);
const stranger = createOracle(
  planOf({ seed: 'stranger', volumeSizeBytes: 32 * mibBytes, imageSizeBytes: 16 * mibBytes }),
);

function right(offsetBytes: number, lengthBytes = 512, from: Oracle = oracle): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  from.expectedInto(offsetBytes, bytes);
  return bytes;
}

function firstOf(rangeClass: RangeClass, from: Oracle = oracle): number {
  const range = from.rangeClassSummary().find((candidate) => candidate.rangeClass === rangeClass);
  if (!range) throw new Error(`the plan has no ${rangeClass}`);
  return range.offsetBytes;
}

function theBlock(offsetBytes: number, found: Buffer): WrongBlock {
  const blocks = oracle.classify({ offsetBytes, found });
  expect(blocks).toHaveLength(1);
  return blocks[0] as WrongBlock;
}

const sectors = plan.volume.sizeBytes / 512;

test('neighbours that hold different versions are told apart, each with the one that stands there', () => {
  const write = plan.writes.find(
    ({ generation, lengthBytes }) => generation === 2 && lengthBytes === 4096,
  ) as PlannedWrite;
  const found = Buffer.alloc(write.lengthBytes);
  const seedTag = tagOf(plan.seed);
  for (let at = 0; at < found.length; at += 512) {
    const lba = (write.offsetBytes + at) / 512;
    fillSectors(found.subarray(at, at + 512), { source: 'volume', seedTag, lba, generation: at < 1024 ? 0 : 1 });
  }
  expect(oracle.classify({ offsetBytes: write.offsetBytes, found })).toMatchObject([
    { lengthBytes: 1024, wrongByteKind: 'older-generation', foundGeneration: 0 },
    { lengthBytes: 3072, wrongByteKind: 'older-generation', foundGeneration: 1 },
  ]);
});

test('right content is never reported', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: sectors - 256 }), (sector) => {
      expect(oracle.classify({ offsetBytes: sector * 512, found: right(sector * 512, 256 * 512) })).toEqual([]);
    }),
  );
});

test('any change of any single sector is found, exactly there, and named', () => {
  const change = fc.oneof(
    fc.constant('zeros' as const),
    fc.constant('noise' as const),
    fc.constant('other place' as const),
    fc.constant('other seed' as const),
    fc.constant('one bit' as const),
  );
  const where = fc.tuple(fc.integer({ min: 0, max: sectors - 64 }), fc.integer({ min: 0, max: 63 }));
  fc.assert(
    fc.property(where, change, fc.integer({ min: 0, max: 4095 }), ([sector, within], how, bit) => {
      const offsetBytes = sector * 512;
      const found = right(offsetBytes, 64 * 512);
      const at = offsetBytes + within * 512;
      const part = found.subarray(within * 512, (within + 1) * 512);
      const before = Buffer.from(part);
      if (how === 'zeros') part.fill(0);
      if (how === 'noise') randomBytes(512).copy(part);
      if (how === 'other place') fillSectors(part, { source: 'image', seedTag: 1, lba: 5, generation: 0 });
      if (how === 'other seed') fillSectors(part, { source: 'volume', seedTag: 2, lba: at / 512, generation: 1 });
      if (how === 'one bit') part[bit >> 3] = (part[bit >> 3] as number) ^ (1 << (bit & 7));
      fc.pre(!before.equals(part));
      const kinds = {
        zeros: 'zeros',
        noise: 'garbage',
        'other place': 'other-volume',
        'other seed': 'other-volume',
        'one bit': 'torn',
      };
      expect(oracle.classify({ offsetBytes, found })).toMatchObject([
        { offsetBytes: at, lengthBytes: 512, rangeClass: oracle.rangeClassAt(at), wrongByteKind: kinds[how] },
      ]);
    }),
    { numRuns: 200 },
  );
});

test('image data that reads as zeros is zeros, in words a person understands', () => {
  const offsetBytes = firstOf('image-data');
  expect(theBlock(offsetBytes, Buffer.alloc(512))).toEqual({
    offsetBytes,
    lengthBytes: 512,
    rangeClass: 'image-data',
    wrongByteKind: 'zeros',
    detail: `expected image data at LBA ${offsetBytes / 512}, found zeros`,
  });
});

function writtenOver(kind: PlannedWrite['kind'], generation: number): PlannedWrite {
  const inImageData = (write: PlannedWrite): boolean =>
    plan.image.extents.some(
      (extent) =>
        extent.kind === 'data' &&
        extent.offsetBytes <= write.offsetBytes &&
        write.offsetBytes + write.lengthBytes <= extent.offsetBytes + extent.lengthBytes,
    );
  const write = plan.writes.find(
    (candidate) => candidate.kind === kind && candidate.generation === generation && inImageData(candidate),
  );
  if (!write) throw new Error(`the plan has no such write: ${kind}, generation ${generation}`);
  return write;
}

for (const kind of ['data', 'zeros'] as const) {
  test(`image content where ${kind} were written is the parent showing through`, () => {
    const { offsetBytes } = writtenOver(kind, 1);
    const found = Buffer.alloc(512);
    oracle.imageInto(offsetBytes, found);
    expect(theBlock(offsetBytes, found).wrongByteKind).toBe('parent-shows-through');
  });
}

test('the first write where the second was due is an older generation', () => {
  const second = writtenOver('data', 2);
  const found = Buffer.alloc(512);
  writeInto({ seed: plan.seed, write: { ...second, lengthBytes: 512, generation: 1 }, target: found });
  const block = theBlock(second.offsetBytes, found);
  expect(block.wrongByteKind).toBe('older-generation');
  expect(block.detail).toContain('found generation 1');
});

test('our own content of another place is of another offset, whatever was due', () => {
  const source = firstOf('image-data');
  for (const rangeClass of [
    'image-data',
    'image-zeros',
    'image-hole',
    'beyond-image',
    'written',
    'written-zeros',
  ] as const) {
    const offsetBytes = firstOf(rangeClass) === source ? source + 512 : firstOf(rangeClass);
    expect(theBlock(offsetBytes, right(source))).toMatchObject({ rangeClass, wrongByteKind: 'other-offset' });
  }
});

test('content of another seed is of another volume', () => {
  const offsetBytes = firstOf('image-data');
  expect(theBlock(offsetBytes, right(firstOf('image-data', stranger), 512, stranger)).wrongByteKind).toBe(
    'other-volume',
  );
});

test('a sector of which only a part is right is torn, whatever the rest is', () => {
  for (const rangeClass of ['image-data', 'written', 'image-hole', 'written-zeros'] as const) {
    const offsetBytes = firstOf(rangeClass);
    for (const rightPart of ['first', 'last'] as const) {
      const found = right(offsetBytes);
      const wrongPart = rightPart === 'first' ? found.subarray(256) : found.subarray(0, 256);
      randomBytes(256).copy(wrongPart);
      expect(theBlock(offsetBytes, found)).toMatchObject({ rangeClass, wrongByteKind: 'torn' });
    }
  }
});

test('neighbours of one class and kind are one block, another kind begins a new one', () => {
  const whole = oracle
    .rangeClassSummary()
    .find(({ rangeClass, lengthBytes }) => rangeClass === 'image-data' && lengthBytes >= mibBytes);
  const offsetBytes = whole?.offsetBytes ?? NaN;
  const found = right(offsetBytes, 64 * 512);
  found.fill(0, 4 * 512, 20 * 512);
  found.fill(0xff, 20 * 512, 24 * 512);
  expect(oracle.classify({ offsetBytes, found })).toMatchObject([
    { offsetBytes: offsetBytes + 4 * 512, lengthBytes: 16 * 512, wrongByteKind: 'zeros' },
    { offsetBytes: offsetBytes + 20 * 512, lengthBytes: 4 * 512, wrongByteKind: 'garbage' },
  ]);
});

test('blocks found in parts join to what they are when found at once', () => {
  const found = Buffer.alloc(plan.volume.sizeBytes);
  const atOnce = oracle.classify({ offsetBytes: 0, found });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: sectors - 1 }), (cut) => {
      const parts = [
        ...oracle.classify({ offsetBytes: 0, found: found.subarray(0, cut * 512) }),
        ...oracle.classify({ offsetBytes: cut * 512, found: found.subarray(cut * 512) }),
      ];
      expect(joinBlocks(parts)).toEqual(atOnce);
    }),
    { numRuns: 10 },
  );
});

test('a range that the device lacks is missing, class by class', () => {
  const lengthBytes = 2 * mibBytes;
  const blocks = oracle.missing({ offsetBytes: plan.volume.sizeBytes - lengthBytes, lengthBytes });
  expect(new Set(blocks.map(({ wrongByteKind }) => wrongByteKind))).toEqual(new Set(['missing']));
  expect(blocks.reduce((sum, block) => sum + block.lengthBytes, 0)).toBe(lengthBytes);
  expect(blocks.at(-1)).toMatchObject({ rangeClass: 'written', lengthBytes: 512 });
});

test('half a sector is refused instead of judged', () => {
  expect(() => oracle.classify({ offsetBytes: 0, found: Buffer.alloc(700) })).toThrow(OracleRangeError);
});
