import { withBystander } from './bystander-plan.ts';
import { parentContent, expectedContent, type DeviceContent } from './content.ts';
import { clusterBytes, sectorBytes } from './geometry.ts';
import { makeShapes } from './pass-shapes.ts';
import type { Plan, PlannedWrite, RangeClass, WriteKind } from './plan.ts';
import { patternStage, type ContentRecipe } from './recipe.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

/** Discards and zeroing before a replica is lost, and once more of the rebuilt volume. */
export const discardStage = 'discards';
export const discardAgainStage = 'discards-again';

/** As far as the stages go, before it is known what the discards left. */
export const discardedContent: ContentRecipe = { name: 'discarded', stages: [patternStage, discardStage] };
export const discardedAgainContent: ContentRecipe = {
  name: 'discarded-again',
  stages: [patternStage, discardStage, discardAgainStage],
};

const kib = 1024;
const slotBytes = clusterBytes / 8;
const edgeBytes = 8 * kib;

/** Ranges of one generation, none over another. */
class Ranges {
  readonly writes: PlannedWrite[] = [];
  readonly #generation: number;
  readonly #endBytes: number;

  constructor(generation: number, endBytes: number) {
    this.#generation = generation;
    this.#endBytes = endBytes;
  }

  isFree(offsetBytes: number, lengthBytes: number): boolean {
    const end = offsetBytes + lengthBytes;
    const inside = offsetBytes >= 0 && end <= this.#endBytes;
    return (
      inside && this.writes.every((one) => end <= one.offsetBytes || one.offsetBytes + one.lengthBytes <= offsetBytes)
    );
  }

  /** Left out where something of this generation is already. */
  add(offsetBytes: number, lengthBytes: number, kind: WriteKind, purpose: string): void {
    if (!this.isFree(offsetBytes, lengthBytes)) return;
    this.writes.push({ offsetBytes, lengthBytes, kind, generation: this.#generation, purpose });
  }

  /** Of every size below a cluster, on and off the grid of pages, one per eighth of the cluster. */
  addSmall(cluster: number, random: SeededRandom, where: string): void {
    const at = (slot: number, sector: number): number =>
      cluster * clusterBytes + slot * slotBytes + sector * sectorBytes;
    const sectors = (count: number): number => count * sectorBytes;
    this.add(at(1, 8 * random.int(0, 16) + 3), sectors(random.int(1, 5)), 'discard', `less than 4 KiB ${where}`);
    this.add(at(2, 8 * random.int(0, 16)), 4 * kib, 'discard', `one 4 KiB block ${where}`);
    this.add(at(3, random.int(1, 60)), sectors(random.int(130, 180)), 'discard', `part of a cluster ${where}`);
    this.add(at(4, random.int(0, 200)), sectors(1), 'write-zeroes', `one sector ${where}`);
    this.add(
      at(5, 8 * random.int(0, 16) + 5),
      sectors(random.int(9, 30)),
      'write-zeroes',
      `off the page grid ${where}`,
    );
    this.add(at(6, random.int(1, 60)), sectors(random.int(130, 180)), 'write-zeroes', `part of a cluster ${where}`);
  }
}

interface Clusters {
  /** Nothing but image data that was never written over. */
  readonly image: readonly number[];
  /** Beyond the image, never written. */
  readonly beyond: readonly number[];
}

function freeClusters(content: DeviceContent): Clusters {
  const count = Math.floor(content.sizeBytes / clusterBytes);
  const classes = Array.from({ length: count }, () => new Set<RangeClass>());
  for (const { offsetBytes, lengthBytes, rangeClass } of content.segments) {
    const last = Math.min(count - 1, Math.floor((offsetBytes + lengthBytes - 1) / clusterBytes));
    for (let cluster = Math.floor(offsetBytes / clusterBytes); cluster <= last; cluster++)
      classes[cluster]?.add(rangeClass);
  }
  const only = (wanted: RangeClass): number[] =>
    classes.flatMap((seen, cluster) => (seen.size === 1 && seen.has(wanted) ? [cluster] : []));
  return { image: only('image-data'), beyond: only('beyond-image') };
}

/** The stages of the scenario: what is written to be discarded, discards and zeroing, and writes over both. */
function discardWrites(plan: Plan): Record<string, readonly PlannedWrite[]> {
  const random = seededRandom(plan.seed, 'discards');
  const { sizeBytes } = plan.volume;
  const { image, beyond } = freeClusters(expectedContent(plan));
  // In the smallest images there is one such cluster: a written one then stands in for the second.
  const wholes = plan.writes.filter(({ lengthBytes, kind }) => kind === 'data' && lengthBytes === clusterBytes);
  const [small, overImage = startCluster(wholes, plan.image.sizeBytes), zeroed] = random.shuffle(image);
  const [overNothing, nothing] = random.shuffle(beyond);
  const [fresh, first, over] = [3, 4, 5].map((generation) => new Ranges(generation, sizeBytes)) as [
    Ranges,
    Ranges,
    Ranges,
  ];
  const [again, overAgain] = [6, 7].map((generation) => new Ranges(generation, sizeBytes)) as [Ranges, Ranges];
  const start = (cluster: number): number => cluster * clusterBytes;

  for (const [cluster, where] of [
    [overImage, 'over image data'],
    [overNothing, 'beyond the image'],
  ] as const) {
    if (cluster === undefined) continue;
    fresh.add(start(cluster), clusterBytes, 'data', `a whole cluster ${where}, to be discarded`);
    first.add(start(cluster), clusterBytes, 'discard', `a whole cluster written ${where}`);
    const rewritten = start(cluster) + 2 * slotBytes + sectorBytes * random.int(1, 100);
    over.add(rewritten, sectorBytes * random.int(9, 60), 'data', `written again ${where}`);
    again.add(start(cluster), clusterBytes, 'discard', `a whole cluster once more ${where}`);
    overAgain.add(start(cluster) + 5 * slotBytes, 2 * sectorBytes, 'data', `written once more ${where}`);
  }
  if (nothing !== undefined) first.add(start(nothing), clusterBytes, 'discard', 'a whole cluster that nobody wrote');
  if (zeroed !== undefined && image.length > 3) {
    first.add(start(zeroed), clusterBytes, 'write-zeroes', 'a whole cluster of image data');
    over.add(start(zeroed) + 3 * slotBytes, 3 * sectorBytes, 'data', 'written over zeroed image data');
  }
  if (small !== undefined) first.addSmall(small, random, 'of image data');
  for (const write of wholes) {
    first.addSmall(Math.floor(write.offsetBytes / clusterBytes), random, 'of written data');
    addAcross(first, write.offsetBytes, random, 'into a written cluster');
    addAcross(first, write.offsetBytes + clusterBytes, random, 'out of a written cluster');
    again.add(write.offsetBytes + 7 * sectorBytes, 5 * slotBytes, 'write-zeroes', 'most of a written cluster');
  }
  addEdges(first, plan, random);
  first.add(sizeBytes - 3 * sectorBytes, 3 * sectorBytes, 'write-zeroes', 'the last sectors of the device');
  return {
    [discardStage]: [...fresh.writes, ...first.writes, ...over.writes],
    [discardAgainStage]: [...again.writes, ...overAgain.writes],
  };
}

function startCluster(wholes: readonly PlannedWrite[], imageSizeBytes: number): number | undefined {
  const inImage = wholes.find(({ offsetBytes }) => offsetBytes < imageSizeBytes);
  return inImage === undefined ? undefined : inImage.offsetBytes / clusterBytes;
}

/** A discard that a device may take for one of the clusters whose edge it crosses. */
function addAcross(ranges: Ranges, edge: number, random: SeededRandom, where: string): void {
  const before = sectorBytes * random.int(1, 60);
  ranges.add(edge - before, before + sectorBytes * random.int(9, 60), 'discard', `across a cluster edge ${where}`);
}

/** Across the end of the image, and across edges of clusters wherever nothing else of the generation is. */
function addEdges(ranges: Ranges, plan: Plan, random: SeededRandom): void {
  ranges.add(plan.image.sizeBytes - edgeBytes, 2 * edgeBytes, 'write-zeroes', 'across the end of the image');
  const parent = parentContent(plan);
  const edges = Array.from({ length: Math.floor(plan.volume.sizeBytes / clusterBytes) - 1 }, (_, index) => index + 1);
  const ofImage = (cluster: number): boolean => parent.segmentAt(cluster * clusterBytes).rangeClass === 'image-data';
  let kind: WriteKind = 'discard';
  for (const cluster of random.shuffle(edges.filter(ofImage)).slice(0, 2)) {
    const offsetBytes = cluster * clusterBytes - sectorBytes * random.int(1, 17);
    ranges.add(offsetBytes, sectorBytes * random.int(17, 40), kind, 'across a cluster edge');
    kind = 'write-zeroes';
  }
}

/** Adds the stages, the bystander that discards must leave alone, and passes at every moment. */
export function withDiscards(plan: Plan): Plan {
  const { stages, passes } = withBystander(plan);
  const random = seededRandom(plan.seed, 'discard passes');
  return {
    ...plan,
    stages: { ...stages, ...discardWrites(plan) },
    passes: {
      baseline: plan.passes.baseline.slice(0, 1),
      discarded: makeShapes(random, 3),
      rebuilt: plan.passes.rebuilt.slice(0, 2),
      isolated: plan.passes.isolated.slice(0, 1),
      reattached: plan.passes.reattached.slice(0, 1),
      'isolated-second': passes['isolated-second'] ?? [],
      bystander: (passes.bystander ?? []).slice(0, 2),
    },
  };
}
