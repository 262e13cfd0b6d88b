import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import fc from 'fast-check';
import { requestRange, ringLayout } from '../../../probe/pass/ring.ts';

const shapes = fc
  .record({ pages: fc.integer({ min: 1, max: 64 }), phase: fc.nat(63), depth: fc.integer({ min: 1, max: 32 }) })
  .map(({ pages, phase, depth }) => ({ requestBytes: 4096 * pages, phaseBytes: 4096 * (phase % pages), depth }));

test('the requests of a pass cover the device from its first to its last sector, each byte once', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 5000 }), (shape, sectors) => {
      const sizeBytes = 512 * sectors;
      const layout = ringLayout(shape);
      let covered = 0;
      for (let index = 0; covered < sizeBytes; index++) {
        const { from, to } = requestRange(layout, index, sizeBytes);
        assert.equal(from, covered);
        assert.ok(to > from && to - from <= shape.requestBytes);
        covered = to;
      }
      assert.equal(covered, sizeBytes);
    }),
  );
});
