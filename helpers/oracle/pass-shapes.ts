import type { PassPhase, PassShape, Plan } from './plan.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

const kib = 1024;
/** Smaller ones are made by passes with small requests: a whole pass of them takes twice as long. */
const requestSizes = [128, 256, 512, 1024, 2048, 4096].map((size) => size * kib);
const shallowDepths = [2, 3, 4, 6];
const deepDepths = [8, 12, 16, 24, 32];
/** Bounds the probe's memory: what one pass may have in flight. */
const inFlightLimitBytes = 32 * kib * kib;

/** The first pass of each phase, and some of the later ones, also make small requests. */
const smallEvery = 4;

/**
 * One shape. raid1 sends a read to the base bdev with the fewest outstanding blocks, lowest slot first
 * (SPDK:module/bdev/raid/raid1.c), so a shallow queue never reaches the last of three replicas: most passes are deep.
 */
function makeShape(random: SeededRandom, requestBytes: number, depths: readonly number[]): PassShape {
  const depth = random.pick(depths.filter((candidate) => candidate * requestBytes <= inFlightLimitBytes));
  const phaseBytes = random.chance(0.25) ? 0 : 4096 * random.int(1, requestBytes / 4096);
  return { requestBytes, phaseBytes, depth };
}

/** Request sizes in random order, each once before any comes again: few passes are enough to have tried all of them. */
function sizeDeck(random: SeededRandom): () => number {
  let left: number[] = [];
  return () => {
    if (left.length === 0) left = random.shuffle(requestSizes);
    return left.pop() as number;
  };
}

/** So many shapes, no two alike, the first with at least 8 requests in flight. */
export function makeShapes(random: SeededRandom, count: number, nextSize = sizeDeck(random)): PassShape[] {
  const shapes: PassShape[] = [];
  const seen = new Set<string>();
  while (shapes.length < count) {
    const shape = makeShape(random, nextSize(), shapes.length % 3 === 1 ? shallowDepths : deepDepths);
    const key = JSON.stringify(shape);
    if (seen.has(key)) continue;
    seen.add(key);
    shapes.push(shapes.length % smallEvery === 0 ? { ...shape, small: 'some' } : shape);
  }
  return shapes;
}

/** The same passes with one request in flight: what a plain `dd` would see, and no more. */
export function withDepthOne(plan: Plan): Plan {
  const shapes = Object.entries(plan.passes).map(([phase, passes]) => [
    phase,
    passes.map((shape) => ({ ...shape, depth: 1 })),
  ]);
  return { ...plan, passes: Object.fromEntries(shapes) as Plan['passes'] };
}

/** Shapes for one more phase, from the seed and the phase's name alone: other phases keep theirs. */
export function passShapesOf(seed: string, phase: PassPhase, count: number): PassShape[] {
  return makeShapes(seededRandom(seed, `passes ${phase}`), count);
}

/** Shapes of all passes of a run: every request size is among any six, no two of a phase are equal, and the first of each has at least 8 requests in flight. */
export function makePassShapes(random: SeededRandom, reads: number): Plan['passes'] {
  const nextSize = sizeDeck(random);
  return {
    baseline: makeShapes(random, 3, nextSize),
    rebuilt: makeShapes(random, reads, nextSize),
    isolated: makeShapes(random, random.int(1, 3), nextSize),
    reattached: makeShapes(random, random.int(1, 3), nextSize),
  };
}
