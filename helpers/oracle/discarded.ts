/** What a device made of its discards: read once, and held to from then on. */
import { classify, joinBlocks, type ClassifyContext } from './classify.ts';
import { expectedContent, parentContent } from './content.ts';
import { sectorBytes } from './geometry.ts';
import type { DiscardedValue, Plan, WrongBlock } from './plan.ts';
import type { SettledRange } from './recipe.ts';
import { seedTag } from './sector.ts';

export interface DiscardedLook {
  /** Ascending; where discarded sectors read as something else than what they held before. */
  readonly settled: readonly SettledRange[];
  /** Discarded bytes by what they read as. */
  readonly bytes: Readonly<Record<DiscardedValue | 'unchanged', number>>;
  /** What a discard may not leave: neither what was there, nor zeros, nor ones. */
  readonly wrongBlocks: readonly WrongBlock[];
}

interface Range {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface LookAtDiscarded {
  /** What the latest generation of discards left, where nothing was written since, ascending: what is to be read. */
  readonly ranges: readonly Range[];
  /** Takes note of what a range reads as; whole sectors inside one of `ranges`. */
  look(offsetBytes: number, found: Uint8Array): void;
  result(): DiscardedLook;
}

const zeros = Buffer.alloc(sectorBytes);
const ones = Buffer.alloc(sectorBytes, 0xff);

/**
 * Settles the latest generation of a content's discards; earlier ones were settled before, and are held to that. NVMe
 * lets a deallocated block read as it did, as zeros or as ones, and the same at every read (NVM Command Set, Dataset
 * Management); whose data it was may not come back, nor may anybody else's.
 */
export function lookAtDiscarded(plan: Plan): LookAtDiscarded {
  const expected = expectedContent(plan);
  const context: ClassifyContext = { seedTag: seedTag(plan.seed), expected, parent: parentContent(plan) };
  const discards = plan.writes.filter(({ kind }) => kind === 'discard');
  const generation = Math.max(0, ...discards.map((write) => write.generation));
  const latest = discards.filter((write) => write.generation === generation && write.leaves === undefined);
  const bytes = { unchanged: 0, zeros: 0, ones: 0 };
  const settled: SettledRange[] = [];
  let wrongBlocks: WrongBlock[] = [];

  function note(offsetBytes: number, leaves: DiscardedValue): void {
    const last = settled.at(-1);
    if (last?.leaves === leaves && last.offsetBytes + last.lengthBytes === offsetBytes) {
      settled[settled.length - 1] = { ...last, lengthBytes: last.lengthBytes + sectorBytes };
    } else settled.push({ offsetBytes, lengthBytes: sectorBytes, leaves, generation });
  }

  function lookAtSector(offsetBytes: number, sector: Uint8Array): void {
    const before = Buffer.alloc(sectorBytes);
    expected.into(offsetBytes, before);
    if (before.equals(sector)) bytes.unchanged += sectorBytes;
    else if (zeros.equals(sector) || ones.equals(sector)) {
      const leaves = zeros.equals(sector) ? 'zeros' : 'ones';
      bytes[leaves] += sectorBytes;
      note(offsetBytes, leaves);
    } else wrongBlocks = joinBlocks([...wrongBlocks, ...classify(context, offsetBytes, sector)]);
  }

  return {
    ranges: joined(
      expected.segments
        .filter(({ rangeClass }) => rangeClass === 'discarded')
        .flatMap((segment) => latest.flatMap((write) => overlapOf(segment, write)))
        .sort((a, b) => a.offsetBytes - b.offsetBytes),
    ),
    look(offsetBytes, found) {
      for (let at = 0; at < found.length; at += sectorBytes) {
        lookAtSector(offsetBytes + at, found.subarray(at, at + sectorBytes));
      }
    },
    result: () => ({ settled, bytes, wrongBlocks }),
  };
}

function overlapOf(a: Range, b: Range): Range[] {
  const offsetBytes = Math.max(a.offsetBytes, b.offsetBytes);
  const lengthBytes = Math.min(a.offsetBytes + a.lengthBytes, b.offsetBytes + b.lengthBytes) - offsetBytes;
  return lengthBytes > 0 ? [{ offsetBytes, lengthBytes }] : [];
}

function joined(segments: readonly Range[]): Range[] {
  const ranges: { offsetBytes: number; lengthBytes: number }[] = [];
  for (const { offsetBytes, lengthBytes } of segments) {
    const last = ranges.at(-1);
    if (last !== undefined && last.offsetBytes + last.lengthBytes === offsetBytes) last.lengthBytes += lengthBytes;
    else ranges.push({ offsetBytes, lengthBytes });
  }
  return ranges;
}
