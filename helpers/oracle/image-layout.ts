import { mibBytes, sectorBytes } from './geometry.ts';
import type { ImageExtent, ImageExtentKind } from './plan.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Below this a layout cannot hold every kind of extent and still leave image data untouched. */
export const smallestImageMib = 8;

/** A MiB of the image: of one kind, or cut into sub-cluster extents. */
type Cell = ImageExtentKind | 'mixed';

function fragmentLength(random: SeededRandom): number {
  const unitBytes = random.pick([sectorBytes, 4096, 65536]);
  return unitBytes * random.int(1, unitBytes === 65536 ? 5 : 24);
}

/** Cuts one MiB into extents with edges on sectors, 4 KiB and 64 KiB, neighbours of different kinds. */
function mixedCell(random: SeededRandom, lastKind: ImageExtentKind | undefined): ImageExtent[] {
  const fragments: ImageExtent[] = [];
  let offsetBytes = 0;
  let kind: ImageExtentKind = random.pick(['data', 'zeros', 'hole']);
  while (offsetBytes < mibBytes) {
    const lengthBytes = Math.min(fragmentLength(random), mibBytes - offsetBytes);
    fragments.push({ offsetBytes, lengthBytes, kind });
    offsetBytes += lengthBytes;
    const others = (['data', 'zeros', 'hole'] as const).filter((other) => other !== kind);
    kind = random.pick(others);
  }
  const last = fragments.at(-1);
  if (last && lastKind !== undefined) fragments[fragments.length - 1] = { ...last, kind: lastKind };
  return fragments;
}

function cells(sizeMib: number, random: SeededRandom): Cell[] {
  const roomy = sizeMib >= 16;
  // In a small image the kinds stand together: writes across their edges then touch few clusters of data.
  const groups: Cell[][] = roomy
    ? [['data', 'data'], ['zeros', 'zeros'], ['hole', 'hole'], ['mixed'], ['mixed']]
    : [['zeros', 'hole', 'data', 'data']];
  let placed = groups.flat().length;
  // The image ends with a mixed cell, so that sub-cluster extents exist in the smallest image too.
  for (; placed < sizeMib - 1; placed++) {
    const draw = random.int(0, 100);
    groups.push([!roomy || draw < 60 ? 'data' : draw < 72 ? 'zeros' : draw < 84 ? 'hole' : 'mixed']);
  }
  return [...random.shuffle(groups).flat(), 'mixed'];
}

function merged(extents: readonly ImageExtent[]): ImageExtent[] {
  const result: ImageExtent[] = [];
  for (const extent of extents) {
    const previous = result.at(-1);
    if (previous?.kind === extent.kind) {
      result[result.length - 1] = { ...previous, lengthBytes: previous.lengthBytes + extent.lengthBytes };
    } else result.push(extent);
  }
  return result;
}

/**
 * Lays an image out: whole clusters and sub-cluster extents of data, explicit zeros and holes, with edges on and off the
 * 1 MiB grid, mostly data, ending with data. From 16 MiB on there are two adjacent whole clusters of each kind.
 */
export function makeImageExtents(sizeMib: number, random: SeededRandom): ImageExtent[] {
  const layout = cells(sizeMib, random);
  const extents = layout.flatMap((cell, index) => {
    const baseBytes = index * mibBytes;
    if (cell !== 'mixed') return [{ offsetBytes: baseBytes, lengthBytes: mibBytes, kind: cell }];
    const fragments = mixedCell(random, index === layout.length - 1 ? 'data' : undefined);
    return fragments.map((fragment) => ({ ...fragment, offsetBytes: baseBytes + fragment.offsetBytes }));
  });
  return merged(extents);
}
