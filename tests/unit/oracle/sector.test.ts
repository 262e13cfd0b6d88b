import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import fc from 'fast-check';
import { describeSector, fillSectors } from '../../../helpers/oracle/sector.ts';
import type { SectorIdentity, SectorSource } from '../../../helpers/oracle/sector.ts';

const identities: fc.Arbitrary<SectorIdentity> = fc.record(
  {
    source: fc.oneof(
      fc.constantFrom<SectorSource>('image', 'volume'),
      fc.integer({ min: 0, max: 1000 }).map((writer): SectorSource => `writer ${writer}`),
      fc.integer({ min: 1, max: 8 }).map((volume): SectorSource => `volume ${volume}`),
    ),
    seedTag: fc.integer({ min: 0, max: 0xffffffff }),
    lba: fc.maxSafeInteger().map((lba) => Math.abs(lba)),
    generation: fc.integer({ min: 0, max: 0xffffffff }),
  },
  { noNullPrototype: true },
);

function sectorOf(identity: SectorIdentity): Buffer {
  const bytes = Buffer.alloc(512);
  fillSectors(bytes, identity);
  return bytes;
}

test('a sector says whose it is, where it belongs and which generation it has', () => {
  fc.assert(
    fc.property(identities, (identity) => {
      assert.deepEqual(describeSector(sectorOf(identity)), { kind: 'intact', identity });
    }),
  );
});

test('a sector reads the same at any alignment in memory', () => {
  fc.assert(
    fc.property(identities, fc.integer({ min: 0, max: 15 }), (identity, shift) => {
      const memory = Buffer.alloc(512 + 16);
      const place = memory.subarray(shift, shift + 512);
      fillSectors(place, identity);
      assert.ok(place.equals(sectorOf(identity)));
      assert.equal(describeSector(place).kind, 'intact');
    }),
  );
});

test('any changed bit is noticed', () => {
  fc.assert(
    fc.property(identities, fc.integer({ min: 0, max: 511 }), fc.integer({ min: 0, max: 7 }), (identity, at, bit) => {
      const bytes = sectorOf(identity);
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
      assert.match(describeSector(bytes).kind, /torn|garbage/);
    }),
    { numRuns: 300 },
  );
});

test('a run of sectors is the same as its sectors one by one', () => {
  const run = Buffer.alloc(64 * 512);
  const first: SectorIdentity = { source: 'image', seedTag: 7, lba: 2 ** 32 - 32, generation: 0 };
  fillSectors(run, first);
  for (let index = 0; index < 64; index++) {
    const alone = sectorOf({ ...first, lba: first.lba + index });
    assert.ok(run.subarray(index * 512, (index + 1) * 512).equals(alone));
  }
});

test('fills do not repeat between positions, owners and generations', () => {
  const fills = new Set<string>();
  let count = 0;
  for (const source of ['image', 'volume', 'writer 1'] as const) {
    for (const generation of [0, 1, 2]) {
      const run = Buffer.alloc(1000 * 512);
      fillSectors(run, { source, seedTag: 1, lba: 0, generation });
      for (let at = 0; at < run.length; at += 512, count++) fills.add(run.toString('latin1', at + 28, at + 512));
    }
  }
  assert.equal(fills.size, count);
});

test('zeros and foreign bytes are told apart', () => {
  assert.deepEqual(describeSector(Buffer.alloc(512)), { kind: 'zeros' });
  assert.deepEqual(describeSector(Buffer.alloc(512, 0xff)), { kind: 'garbage' });
  assert.throws(() => describeSector(Buffer.alloc(511)), RangeError);
});
