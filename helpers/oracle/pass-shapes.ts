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
function makeShape(random: SeededRandom, requestBytes: number, depth: number): PassShape {
  const phaseBytes = random.chance(0.25) ? 0 : 4096 * random.int(1, requestBytes / 4096);
  return { requestBytes, phaseBytes, depth };
}

/** Answers with the next value, or the next one that fits. */
type Deck = (fits?: (value: number) => boolean) => number;

/** Values in random order, each once before any comes again: few passes are enough to have tried all of them. */
function deckOf(random: SeededRandom, values: readonly number[], first: readonly number[] = []): Deck {
  let left: number[] = [...first];
  return (fits = () => true) => {
    if (!left.some(fits)) left = [...left, ...random.shuffle(values)];
    const [value] = left.splice(left.findIndex(fits), 1);
    return value as number;
  };
}

interface Decks {
  readonly sizes: Deck;
  readonly shallow: Deck;
  readonly deep: Deck;
}

function makeDecks(random: SeededRandom): Decks {
  return {
    sizes: deckOf(random, requestSizes),
    shallow: deckOf(random, shallowDepths),
    deep: deckOf(random, deepDepths, [Math.max(...deepDepths)]),
  };
}

/** So many shapes, no two alike, the first with at least 8 requests in flight. */
export function makeShapes(random: SeededRandom, count: number, decks = makeDecks(random)): PassShape[] {
  const shapes: PassShape[] = [];
  const seen = new Set<string>();
  while (shapes.length < count) {
    const requestBytes = decks.sizes();
    const depth = decks[shapes.length % 3 === 1 ? 'shallow' : 'deep'](
      (candidate) => candidate * requestBytes <= inFlightLimitBytes,
    );
    const shape = makeShape(random, requestBytes, depth);
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

/**
 * Shapes of all passes of a run: every request size is among any six, no two of a phase are equal, the first of each has
 * at least 8 requests in flight, and the deepest queue is among the first four.
 */
export function makePassShapes(random: SeededRandom, reads: number): Plan['passes'] {
  const decks = makeDecks(random);
  return {
    baseline: makeShapes(random, 3, decks),
    rebuilt: makeShapes(random, reads, decks),
    isolated: makeShapes(random, random.int(1, 3), decks),
    reattached: makeShapes(random, random.int(1, 3), decks),
  };
}
