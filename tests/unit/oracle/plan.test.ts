import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import fc from 'fast-check';
import { clusterBytes, mibBytes, sectorBytes } from '../../../helpers/oracle/geometry.ts';
import { InvalidPlanOptions, makePlan } from '../../../helpers/oracle/make-plan.ts';
import type { ImageExtent, Plan, PlannedWrite } from '../../../helpers/oracle/plan.ts';
import { planOf, validOptions, validPlans } from './plans.ts';

interface Range {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

const endOf = ({ offsetBytes, lengthBytes }: Range): number => offsetBytes + lengthBytes;
const overlap = (a: Range, b: Range): boolean => a.offsetBytes < endOf(b) && b.offsetBytes < endOf(a);
const within = (inner: Range, outer: Range): boolean =>
  inner.offsetBytes >= outer.offsetBytes && endOf(inner) <= endOf(outer);

function forEveryPlan(check: (plan: Plan) => void): void {
  fc.assert(fc.property(validPlans, check), { numRuns: 60 });
}

function shareOfKind(plan: Plan, range: Range, kind: ImageExtent['kind']): boolean {
  return plan.image.extents.some((extent) => extent.kind === kind && within(range, extent));
}

test('the same options give the same plan', () => {
  fc.assert(
    fc.property(validOptions, (options) => {
      assert.deepEqual(makePlan(options), makePlan({ ...options }));
    }),
    { numRuns: 30 },
  );
  assert.notDeepEqual(planOf({ seed: 'a' }), planOf({ seed: 'b' }));
});

test('the image format changes nothing but itself, so raw and qcow2 hold the same content', () => {
  const { image, ...rest } = planOf({ imageFormat: 'raw' });
  const { image: other, ...otherRest } = planOf({ imageFormat: 'qcow2' });
  assert.deepEqual(other.extents, image.extents);
  assert.deepEqual(otherRest, rest);
});

test('image extents are gapless, of whole sectors, cover whole MiB and end with data', () => {
  forEveryPlan(({ image }) => {
    assert.equal(image.sizeBytes % mibBytes, 0);
    let end = 0;
    for (const extent of image.extents) {
      assert.equal(extent.offsetBytes, end);
      assert.ok(extent.lengthBytes > 0);
      assert.equal(extent.lengthBytes % sectorBytes, 0);
      end = endOf(extent);
    }
    assert.equal(end, image.sizeBytes);
    assert.equal(image.extents.at(-1)?.kind, 'data');
  });
});

test('an image has whole clusters and sub-cluster extents of several kinds, with edges off the 1 MiB grid', () => {
  forEveryPlan((plan) => {
    const { extents } = plan.image;
    for (const kind of ['data', 'zeros', 'hole'] as const) {
      const clusters = Array.from(
        { length: plan.image.sizeBytes / clusterBytes },
        (_, cluster) => cluster * clusterBytes,
      );
      assert.equal(
        clusters.some((offsetBytes) => shareOfKind(plan, { offsetBytes, lengthBytes: clusterBytes }, kind)),
        true,
      );
    }
    assert.ok(extents.some(({ lengthBytes }) => lengthBytes < clusterBytes));
    assert.ok(extents.some(({ offsetBytes }) => offsetBytes % mibBytes !== 0));
  });
});

test('writes are whole sectors inside the device, and none of a generation overlaps another', () => {
  forEveryPlan(({ writes, volume }) => {
    for (const write of writes) {
      assert.equal(write.offsetBytes % sectorBytes, 0);
      assert.equal(write.lengthBytes % sectorBytes, 0);
      assert.ok(write.lengthBytes > 0);
      assert.ok(write.offsetBytes >= 0);
      assert.ok(endOf(write) <= volume.sizeBytes);
    }
    const clashes = writes.filter((write, index) =>
      writes.slice(index + 1).some((other) => other.generation === write.generation && overlap(write, other)),
    );
    assert.deepEqual(clashes, []);
  });
});

test('generation 2 lies on content of generation 1 and nowhere else', () => {
  forEveryPlan(({ writes }) => {
    const first = writes.filter(({ generation }) => generation === 1);
    const second = writes.filter(({ generation }) => generation === 2);
    assert.ok(second.length > 0);
    for (const write of second) {
      for (let at = write.offsetBytes; at < endOf(write); at += sectorBytes) {
        assert.ok(first.some((earlier) => within({ offsetBytes: at, lengthBytes: sectorBytes }, earlier)));
      }
    }
  });
});

test('a volume of more than 512 clusters is written across edges of extent pages, one of more than 2 TiB across that of 32-bit sectors', () => {
  const gib = 1024 * mibBytes;
  for (const { volumeSizeBytes, edges } of [
    { volumeSizeBytes: 512 * mibBytes, edges: [] },
    { volumeSizeBytes: 514 * mibBytes, edges: [0.5 * gib] },
    { volumeSizeBytes: 2 * gib, edges: [0.5 * gib, 1.5 * gib] },
    { volumeSizeBytes: 2049 * gib, edges: [0.5 * gib, 2048 * gib, 2048.5 * gib] },
  ]) {
    const across = planOf({ volumeSizeBytes }).writes.filter(({ purpose }) => purpose.includes('outgrow'));
    assert.equal(across.length, edges.length);
    for (const [index, edge] of edges.entries()) {
      const write = across[index];
      assert.ok(write !== undefined && write.offsetBytes < edge && endOf(write) > edge);
    }
  }
});

const crossesClusterEdge = ({ offsetBytes, lengthBytes }: Range): boolean =>
  Math.floor(offsetBytes / clusterBytes) !== Math.floor((offsetBytes + lengthBytes - 1) / clusterBytes);

/** Of 128 KiB commands it takes more than one, and begins and ends inside of them. */
const isCutOffGrid = (write: PlannedWrite): boolean =>
  write.lengthBytes > 131072 && write.offsetBytes % 131072 !== 0 && endOf(write) % 131072 !== 0;

/** The alignments that each class of range must get, as properties of the writes themselves and not of their titles. */
const alignments: Record<string, (write: PlannedWrite) => boolean> = {
  'one sector': ({ lengthBytes, generation }) => lengthBytes === sectorBytes && generation === 1,
  'less than 4 KiB, off the 4 KiB grid': ({ offsetBytes, lengthBytes }) =>
    lengthBytes > sectorBytes && lengthBytes < 4096 && offsetBytes % 4096 !== 0,
  'one 4 KiB block': ({ offsetBytes, lengthBytes }) => lengthBytes === 4096 && offsetBytes % 4096 === 0,
  'part of a cluster': ({ lengthBytes }) => lengthBytes >= 64 * 1024 && lengthBytes < clusterBytes,
  'a second generation': ({ generation }) => generation === 2,
  zeros: ({ kind }) => kind === 'zeros',
};

test('every class of range gets every alignment', () => {
  forEveryPlan((plan) => {
    const { writes, image, volume } = plan;
    const classes: Record<string, (write: PlannedWrite) => boolean> = {
      'image data': (write) => shareOfKind(plan, write, 'data'),
      'image zeros': (write) => shareOfKind(plan, write, 'zeros'),
      'image hole': (write) => shareOfKind(plan, write, 'hole'),
      'beyond the image': (write) => write.offsetBytes >= image.sizeBytes,
    };
    for (const [where, inClass] of Object.entries(classes)) {
      for (const [how, aligned] of Object.entries(alignments)) {
        const found = writes.some((write) => inClass(write) && aligned(write));
        assert.deepEqual({ where, how, found }, { where, how, found: true });
      }
      const across = writes.some((write) => crossesClusterEdge(write) && write.lengthBytes <= 8192);
      assert.deepEqual({ where, across }, { where, across: true });
      const whole = writes.some((write) => inClass(write) && write.lengthBytes === clusterBytes);
      const long = writes.some((write) => inClass(write) && isCutOffGrid(write));
      if (image.sizeBytes >= 16 * mibBytes)
        assert.deepEqual({ where, whole, long }, { where, whole: true, long: true });
    }
    const covers = (offsetBytes: number): boolean =>
      writes.some((write) => within({ offsetBytes, lengthBytes: sectorBytes }, write));
    assert.ok(covers(0));
    assert.ok(covers(volume.sizeBytes - sectorBytes));
    const last = Math.floor((volume.sizeBytes - 1) / clusterBytes) * clusterBytes;
    const inside = { offsetBytes: last + 65536, lengthBytes: clusterBytes - 131072 };
    const found = writes.some((write) => within(write, inside));
    if (volume.sizeBytes % clusterBytes === 0) assert.deepEqual({ inside, found }, { inside, found: true });
    assert.ok(writes.some((write) => write.offsetBytes < image.sizeBytes && endOf(write) > image.sizeBytes));
  });
});

test('most image data lies in clusters that no write touches, and some of it does in the smallest image', () => {
  forEveryPlan(({ image, writes }) => {
    const touched = new Set<number>();
    for (const write of writes) {
      for (let at = write.offsetBytes; at < endOf(write); at += sectorBytes) touched.add(Math.floor(at / clusterBytes));
    }
    let dataBytes = 0;
    let untouchedBytes = 0;
    for (const extent of image.extents.filter(({ kind }) => kind === 'data')) {
      for (let at = extent.offsetBytes; at < endOf(extent); at += sectorBytes) {
        dataBytes += sectorBytes;
        if (!touched.has(Math.floor(at / clusterBytes))) untouchedBytes += sectorBytes;
      }
    }
    assert.ok(untouchedBytes >= clusterBytes);
    // Small images hold the same writes in fewer clusters.
    if (image.sizeBytes >= 32 * mibBytes) assert.ok(untouchedBytes / dataBytes > 0.5);
  });
});

test('no two passes of a phase are alike, and each phase begins with at least 8 requests in flight', () => {
  forEveryPlan(({ passes }) => {
    for (const shapes of Object.values(passes)) {
      assert.equal(new Set(shapes.map((shape) => JSON.stringify(shape))).size, shapes.length);
      assert.ok((shapes[0]?.depth ?? 0) >= 8);
      for (const { requestBytes, phaseBytes, depth } of shapes) {
        assert.ok(requestBytes >= 64 * 1024);
        assert.ok(requestBytes <= 4 * mibBytes);
        assert.equal(phaseBytes % 4096, 0);
        assert.ok(phaseBytes < requestBytes);
        assert.ok(depth >= 2);
      }
    }
  });
});

test('the first six passes of a run read with six different request sizes', () => {
  forEveryPlan(({ passes }) => {
    const all = [passes.baseline, passes.rebuilt, passes.isolated, passes.reattached].flat();
    const sizes = all.slice(0, 6).map(({ requestBytes }) => requestBytes);
    assert.equal(new Set(sizes).size, sizes.length);
  });
});

test('the first four passes of a run try the deepest queue', () => {
  forEveryPlan(({ passes }) => {
    const [first, second] = [passes.baseline, passes.rebuilt];
    assert.ok([...first, ...second].slice(0, 4).some(({ depth }) => depth === 32));
  });
});

test('there are as many passes after the rebuild as asked for, and the victim is one of the replicas', () => {
  fc.assert(
    fc.property(validOptions, (options) => {
      const plan = makePlan(options);
      assert.equal(plan.passes.rebuilt.length, options.reads);
      assert.equal(plan.passes.baseline.length, 3);
      assert.ok(plan.victimIndex >= 0);
      assert.ok(plan.victimIndex < options.replicaCount);
    }),
    { numRuns: 60 },
  );
});

test('over a few seeds each replica is the one that is deleted, of two and of three', () => {
  for (const replicaCount of [2, 3]) {
    const victims = Array.from(
      { length: 24 },
      (_, seed) => planOf({ seed: `victim ${seed}`, replicaCount }).victimIndex,
    );
    assert.deepEqual([...new Set(victims)].sort(), [0, 1, 2].slice(0, replicaCount));
  }
});

for (const { what, options, says } of [
  { what: 'a size that is not whole sectors', options: { volumeSizeBytes: 64 * mibBytes + 1 }, says: '512' },
  { what: 'a volume that is too small', options: { volumeSizeBytes: 14 * mibBytes }, says: '16 MiB' },
  { what: 'no reads', options: { reads: 0 }, says: 'reads' },
  { what: 'half a read', options: { reads: 1.5 }, says: 'reads' },
  { what: 'no replica', options: { replicaCount: 0 }, says: 'replicas' },
  { what: 'an empty seed', options: { seed: '' }, says: 'seed' },
  { what: 'an image of half a MiB more', options: { imageSizeBytes: 8.5 * mibBytes }, says: 'whole number of MiB' },
  {
    what: 'an image as large as the volume',
    options: { imageSizeBytes: 64 * mibBytes },
    says: 'larger than the image',
  },
  { what: 'a size that is no number', options: { volumeSizeBytes: NaN }, says: '512' },
]) {
  test(`${what} is refused with one line that says what is wrong`, () => {
    let thrown: unknown;
    try {
      planOf(options);
    } catch (error) {
      thrown = error;
    }
    assert.ok(thrown instanceof InvalidPlanOptions);
    assert.ok((thrown as Error).message.includes(says));
    assert.ok(!(thrown as Error).message.includes('\n'));
  });
}
