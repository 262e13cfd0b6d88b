import { clusterBytes, extentPageBytes, sectorBytes } from './geometry.ts';
import type { ImageExtent, PlannedWrite } from './plan.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Room for one small write: an eighth of a cluster. The first and the last eighth are kept for writes at the edges. */
const slotBytes = clusterBytes / 8;
const slotSectors = slotBytes / sectorBytes;
const kib = 1024;

type ClusterClass = 'in image data' | 'in image zeros' | 'in an image hole' | 'beyond the image';

interface WriteLayout {
  readonly random: SeededRandom;
  readonly writes: PlannedWrite[];
  /** Clusters that a set of writes occupies as a whole. */
  readonly occupied: Set<number>;
  /** Clusters that one write covers. */
  readonly whole: number[];
  /** Clusters whose first sectors are written, so that no other write may cover them from the start. */
  readonly entered: Set<number>;
}

function add(layout: WriteLayout, write: Omit<PlannedWrite, 'kind' | 'generation'> & Partial<PlannedWrite>): void {
  layout.writes.push({ kind: 'data', generation: 1, ...write });
}

/** Small writes of every alignment below a cluster, one per slot, in a cluster that is otherwise left alone. */
function addSmallWrites(layout: WriteLayout, cluster: number, where: ClusterClass): void {
  const { random } = layout;
  const slot = (index: number, sector: number): number =>
    cluster * clusterBytes + index * slotBytes + sector * sectorBytes;
  const small = (index: number, sector: number, sectors: number, purpose: string, more?: Partial<PlannedWrite>): void =>
    add(layout, {
      offsetBytes: slot(index, sector),
      lengthBytes: sectors * sectorBytes,
      purpose: `${purpose} ${where}`,
      ...more,
    });

  small(1, random.int(0, slotSectors), 1, 'one sector');
  small(2, 8 * random.int(0, 31) + random.int(1, 8), random.int(2, 8), 'less than 4 KiB');
  small(3, 8 * random.int(0, 32), 8, 'one 4 KiB block');
  const partStart = random.int(0, 64);
  small(4, partStart, random.int(128, slotSectors - partStart), 'part of a cluster');

  const twiceStart = random.int(0, 64);
  const twiceSectors = random.int(16, 128);
  small(5, twiceStart, twiceSectors, 'overwritten twice');
  const innerStart = random.int(1, twiceSectors - 8);
  small(5, twiceStart + innerStart, random.int(1, 8), 'overwritten twice', { generation: 2 });

  const zerosStart = random.int(0, 64);
  const zerosSectors = random.int(24, 128);
  small(6, zerosStart, zerosSectors, 'zeros', { kind: 'zeros' });
  small(6, zerosStart + random.int(1, zerosSectors - 8), 8, 'data over written zeros', { generation: 2 });
}

/** A whole cluster next to `cluster - 1`, and a second generation on both sides of the edge between them. */
function addWholeCluster(layout: WriteLayout, cluster: number, where: ClusterClass): void {
  const { random } = layout;
  const edgeBytes = cluster * clusterBytes;
  layout.whole.push(cluster);
  add(layout, {
    offsetBytes: edgeBytes - 8 * kib,
    lengthBytes: 8 * kib,
    purpose: `last sectors of a cluster ${where}`,
  });
  add(layout, { offsetBytes: edgeBytes, lengthBytes: clusterBytes, purpose: `a whole cluster ${where}` });
  addAcross(layout, edgeBytes, `both sides of a cluster edge ${where}`, 2);
  add(layout, {
    offsetBytes: edgeBytes + clusterBytes / 2 + sectorBytes * random.int(0, 64),
    lengthBytes: sectorBytes * random.int(1, 64),
    kind: 'zeros',
    generation: 2,
    purpose: `zeros over written data ${where}`,
  });
}

/** What the host's kernel and NVMe-oF put into one command; longer requests are cut. longhorn-facts §6 */
const commandBytes = 128 * kib;

/**
 * Over half a cluster that holds data already: longer than one command, and at both ends off the edges of commands. What
 * was drawn before stays as it is.
 */
function addLongWrite(layout: WriteLayout, cluster: number): void {
  const { random } = layout;
  const command = commandBytes / sectorBytes;
  // The first nine sectors and the second half have writes of this generation.
  const start = random.int(9, command);
  const end = command * random.int(2, 4) + random.int(1, command);
  add(layout, {
    offsetBytes: cluster * clusterBytes + start * sectorBytes,
    lengthBytes: (end - start) * sectorBytes,
    generation: 2,
    purpose: 'more than one command, off the edges of commands',
  });
}

/** In the last cluster, where no change of the device's end may reach. */
function addInside(layout: WriteLayout, lastCluster: number, volumeSizeBytes: number): void {
  const offsetBytes = lastCluster * clusterBytes + clusterBytes / 4 + sectorBytes * layout.random.int(0, 512);
  const lengthBytes = sectorBytes * layout.random.int(8, 64);
  if (offsetBytes + lengthBytes > volumeSizeBytes - 8 * sectorBytes) return;
  add(layout, { offsetBytes, lengthBytes, purpose: 'inside of the last cluster' });
}

/** One write of 1 to 8 sectors on each side of `edgeBytes`. */
function addAcross(layout: WriteLayout, edgeBytes: number, purpose: string, generation = 1): void {
  const before = sectorBytes * layout.random.int(1, 9);
  const after = sectorBytes * layout.random.int(1, 9);
  add(layout, { offsetBytes: edgeBytes - before, lengthBytes: before + after, purpose, generation });
}

/** Two adjacent free clusters out of `clusters`; the first alone is returned twice where there are no two. */
function pickPair(layout: WriteLayout, clusters: readonly number[]): readonly [number, number] | undefined {
  const free = new Set(clusters.filter((cluster) => !layout.occupied.has(cluster)));
  const starts = [...free].filter((cluster) => free.has(cluster + 1) && !layout.entered.has(cluster + 1));
  if (starts.length > 0) {
    const first = layout.random.pick(starts);
    return [first, first + 1];
  }
  if (free.size === 0) return undefined;
  const only = layout.random.pick([...free]);
  return [only, only];
}

function addClass(layout: WriteLayout, clusters: readonly number[], where: ClusterClass): void {
  const pair = pickPair(layout, clusters);
  if (pair === undefined) return;
  const [first, second] = pair;
  layout.occupied.add(first).add(second);
  addSmallWrites(layout, first, where);
  if (second === first) {
    layout.entered.add(first + 1);
    addAcross(layout, (first + 1) * clusterBytes, `both sides of a cluster edge ${where}`);
  } else addWholeCluster(layout, second, where);
}

function wholeClusters(extents: readonly ImageExtent[], kind: ImageExtent['kind']): number[] {
  const clusters: number[] = [];
  for (const extent of extents.filter((candidate) => candidate.kind === kind)) {
    const endBytes = extent.offsetBytes + extent.lengthBytes;
    let cluster = Math.ceil(extent.offsetBytes / clusterBytes);
    for (; (cluster + 1) * clusterBytes <= endBytes; cluster++) clusters.push(cluster);
  }
  return clusters;
}

function addAcrossExtentEdge(layout: WriteLayout, extents: readonly ImageExtent[]): void {
  const edges = extents
    .map((extent) => extent.offsetBytes)
    .filter((edge) => {
      const within = edge % clusterBytes;
      const inMiddle = within >= 16 * kib && within <= clusterBytes - 16 * kib;
      return inMiddle && !layout.occupied.has(Math.floor(edge / clusterBytes));
    });
  if (edges.length > 0) addAcross(layout, layout.random.pick(edges), 'both sides of an extent edge of the image');
}

/** Where the numbers of sectors outgrow 32 bits. */
const wideSectorBytes = sectorBytes * 2 ** 32;

/**
 * Edges in large volumes at which numbers outgrow what holds them: the first and the last between two extent pages, and
 * that of 32-bit sector numbers. Both clusters beside each are kept for it.
 */
function reserveWideEdges(layout: WriteLayout, volumeSizeBytes: number): number[] {
  const last = Math.floor((volumeSizeBytes - 1) / extentPageBytes) * extentPageBytes;
  const edges = [...new Set([extentPageBytes, wideSectorBytes, last])].filter((edge) => {
    const beside = [edge / clusterBytes - 1, edge / clusterBytes];
    return edge > 0 && edge < volumeSizeBytes && !beside.some((cluster) => layout.occupied.has(cluster));
  });
  for (const edge of edges) layout.occupied.add(edge / clusterBytes - 1).add(edge / clusterBytes);
  return edges;
}

/**
 * The writes of a plan, ascending by generation: every kind of range times every alignment, in few clusters, so that most
 * image data is never written over. Writes of one generation do not overlap; a write of generation 2 lies entirely on
 * content of generation 1.
 */
export function makeWrites(options: {
  readonly extents: readonly ImageExtent[];
  readonly imageSizeBytes: number;
  readonly volumeSizeBytes: number;
  readonly random: SeededRandom;
}): PlannedWrite[] {
  const { extents, imageSizeBytes, volumeSizeBytes, random } = options;
  const layout: WriteLayout = { random, writes: [], occupied: new Set(), whole: [], entered: new Set() };
  const imageClusters = imageSizeBytes / clusterBytes;
  const lastCluster = Math.ceil(volumeSizeBytes / clusterBytes) - 1;

  add(layout, { offsetBytes: 0, lengthBytes: sectorBytes, purpose: 'first sector of the device' });
  add(layout, {
    offsetBytes: volumeSizeBytes - sectorBytes,
    lengthBytes: sectorBytes,
    purpose: 'last sector of the device',
  });
  addAcross(layout, imageSizeBytes, 'both sides of the end of the image');
  layout.occupied
    .add(imageClusters - 1)
    .add(imageClusters)
    .add(lastCluster);
  const wideEdges = reserveWideEdges(layout, volumeSizeBytes);

  const data = wholeClusters(extents, 'data');
  addClass(layout, data, 'in image data');
  addClass(layout, wholeClusters(extents, 'zeros'), 'in image zeros');
  addClass(layout, wholeClusters(extents, 'hole'), 'in an image hole');
  const beyond = Array.from({ length: lastCluster - imageClusters }, (_, index) => imageClusters + index);
  addClass(layout, beyond, 'beyond the image');

  addAcrossExtentEdge(layout, extents);
  const untouchedPair = imageClusters >= 32 ? pickPair(layout, data) : undefined;
  if (untouchedPair && untouchedPair[0] !== untouchedPair[1]) {
    const edgeBytes = untouchedPair[1] * clusterBytes;
    addAcross(layout, edgeBytes, 'both sides of a cluster edge, nothing else written near it');
  }
  for (const edge of wideEdges)
    addAcross(layout, edge, 'both sides of an edge where numbers of clusters or sectors outgrow a page or 32 bits');
  for (const cluster of layout.whole) addLongWrite(layout, cluster);
  addInside(layout, lastCluster, volumeSizeBytes);
  return layout.writes.sort((a, b) => a.generation - b.generation || a.offsetBytes - b.offsetBytes);
}
