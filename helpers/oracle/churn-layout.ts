import type { ChurnBlock, ChurnPlan } from './churn.ts';
import { clusterBytes, sectorBytes } from './geometry.ts';
import type { ImageExtentKind, Plan } from './plan.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

const connectionCount = 4;
/** Above every generation that stages use. */
const firstGeneration = 1000;
/** With some hundred blocks, a block keeps a version for seconds: a lost write is not made good before it is read. */
const pauseMs = 8;
const blocksPerCluster = 40;
const smallSectors = [1, 1, 2, 3, 4, 7, 8, 8, 8, 9, 16, 24];
const largeSectors = [32, 64, 128];

interface Layout {
  readonly random: SeededRandom;
  readonly connections: ChurnBlock[][];
}

/** Connections take turns, so that neighbours belong to different ones. */
function add(layout: Layout, block: ChurnBlock): void {
  const fewest = Math.min(...layout.connections.map(({ length }) => length));
  const candidates = layout.connections.filter(({ length }) => length <= fewest + 3);
  layout.random.pick(candidates).push(block);
}

/** Blocks of every size below a cluster, most of them touching the next one, from `fromBytes` on. */
function fillCluster(layout: Layout, fromBytes: number, toBytes: number): void {
  const { random } = layout;
  let offsetBytes = fromBytes + sectorBytes * random.int(9, 64);
  for (let count = 0; count < blocksPerCluster; count++) {
    const sectors = random.pick(random.chance(0.1) ? largeSectors : smallSectors);
    const lengthBytes = sectors * sectorBytes;
    if (offsetBytes + lengthBytes > toBytes) return;
    add(layout, { offsetBytes, lengthBytes });
    offsetBytes += lengthBytes + (random.chance(0.6) ? 0 : sectorBytes * random.int(1, 16));
  }
}

type ClusterKind = ImageExtentKind | 'beyond';

/** What the image has in a cluster; undefined where it has several kinds. */
function kindOf(plan: Plan, cluster: number): ClusterKind | undefined {
  const start = cluster * clusterBytes;
  if (start >= plan.image.sizeBytes) return 'beyond';
  return plan.image.extents.find(
    ({ offsetBytes, lengthBytes }) => offsetBytes <= start && offsetBytes + lengthBytes >= start + clusterBytes,
  )?.kind;
}

/** Clusters of one kind, split by whether an earlier write gave the volume a cluster of its own there. */
function clustersOf(plan: Plan, kind: ClusterKind, written: ReadonlySet<number>, wanted: boolean): number[] {
  const whole = Math.floor(plan.volume.sizeBytes / clusterBytes);
  // The first and the last cluster hold the blocks at the ends of the device.
  return Array.from({ length: Math.max(0, whole - 2) }, (_, index) => index + 1).filter(
    (cluster) => kindOf(plan, cluster) === kind && written.has(cluster) === wanted,
  );
}

function writtenClusters(plan: Plan): Set<number> {
  const written = new Set<number>();
  for (const { offsetBytes, lengthBytes } of plan.writes) {
    const last = Math.floor((offsetBytes + lengthBytes - 1) / clusterBytes);
    for (let cluster = Math.floor(offsetBytes / clusterBytes); cluster <= last; cluster++) written.add(cluster);
  }
  return written;
}

/**
 * The blocks of several connections: from 512 bytes to beyond a cluster, over image data, its zeros and holes, beyond the
 * image, and over what was written before; side by side in one cluster, across cluster edges, at both ends of the device.
 */
export function makeChurn(plan: Plan): ChurnPlan {
  const random = seededRandom(plan.seed, 'churn layout');
  const layout: Layout = { random, connections: Array.from({ length: connectionCount }, () => []) };
  const { sizeBytes } = plan.volume;
  const written = writtenClusters(plan);
  const taken = new Set<number>();
  // First, because a small volume has little room for it.
  beyondACluster(layout, plan, taken);
  for (const kind of ['data', 'zeros', 'hole', 'beyond'] as const) {
    for (const wanted of [false, true]) {
      const free = clustersOf(plan, kind, written, wanted).filter((cluster) => !taken.has(cluster));
      for (const cluster of random.shuffle(free).slice(0, kind === 'data' ? 2 : 1)) {
        taken.add(cluster);
        fillCluster(layout, cluster * clusterBytes, (cluster + 1) * clusterBytes - 8 * sectorBytes);
        acrossEdge(layout, (cluster + 1) * clusterBytes, sizeBytes);
      }
    }
  }
  add(layout, { offsetBytes: 0, lengthBytes: 8 * sectorBytes });
  add(layout, { offsetBytes: sizeBytes - 8 * sectorBytes, lengthBytes: 8 * sectorBytes });
  return { connections: layout.connections, firstGeneration, pauseMs };
}

/** A few sectors on each side of an edge, where no other block of the layout is. */
function acrossEdge(layout: Layout, edgeBytes: number, sizeBytes: number): void {
  const before = sectorBytes * layout.random.int(1, 9);
  const after = sectorBytes * layout.random.int(1, 9);
  if (edgeBytes + 64 * sectorBytes > sizeBytes) return;
  add(layout, { offsetBytes: edgeBytes - before, lengthBytes: before + after });
}

/** One block that is longer than a cluster, beyond the image, in two clusters that hold no other. */
function beyondACluster(layout: Layout, plan: Plan, taken: Set<number>): void {
  const last = Math.floor(plan.volume.sizeBytes / clusterBytes) - 1;
  const starts = Array.from({ length: Math.max(0, last - 1) }, (_, index) => index).filter(
    (cluster) => cluster > 1 && kindOf(plan, cluster) === 'beyond',
  );
  if (starts.length === 0) return;
  const start = layout.random.pick(starts);
  taken.add(start).add(start + 1);
  add(layout, { offsetBytes: start * clusterBytes + 32 * sectorBytes, lengthBytes: clusterBytes + 24 * sectorBytes });
}
