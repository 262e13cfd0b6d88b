/**
 * What became of writes that were in flight at a crash: each of their sectors may hold the version acknowledged before or
 * the one that was in flight, but every read must show the same of the two, whichever replica answers it.
 */
import { joinBlocks } from './classify.ts';
import type { ChurnHistory } from './churn-history.ts';
import type { ChurnState } from './churn.ts';
import { sectorBytes } from './geometry.ts';
import type { PlannedWrite, WrongBlock } from './plan.ts';
import { describeSector } from './sector.ts';

/** A stretch of the device that a write in flight was to change. */
export interface DoubtfulStretch {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Of the write in flight. */
  readonly generation: number;
  /** Of the write acknowledged before, which may stand there as well; 0, or absent: of none of those that went on. */
  readonly beforeGeneration?: number;
}

/** Sectors of which some reads showed the version before and some the one in flight. */
export interface UnstableStretch extends DoubtfulStretch {
  /** Of so many reads. */
  readonly reads: number;
  /** So many showed the write in flight. */
  readonly landedReads: number;
}

export interface Settlement {
  /** What the first read showed of writes in flight: from then on they are there. */
  readonly landed: NonNullable<ChurnState['landed']>;
  readonly unstable: readonly UnstableStretch[];
  /** Neither acknowledged before nor in flight. */
  readonly wrongBlocks: readonly WrongBlock[];
}

/**
 * Judges reads of one stretch of a write in flight. `history` knows what was acknowledged and that the write was sent.
 * Pure; `reads` are of the same length and stay as they are.
 */
export function judgeReads(
  history: ChurnHistory,
  write: PlannedWrite,
  offsetBytes: number,
  reads: readonly Uint8Array[],
): Settlement {
  const landed: DoubtfulStretch[] = [];
  const unstable: UnstableStretch[] = [];
  const sectors = (reads[0]?.length ?? 0) / sectorBytes;
  for (let sector = 0; sector < sectors; sector++) {
    const shows = reads.map((read) => generationAt(read, sector) === write.generation);
    const at = { offsetBytes: offsetBytes + sector * sectorBytes, lengthBytes: sectorBytes };
    const stretch = { ...at, generation: write.generation };
    const landedReads = shows.filter(Boolean).length;
    if (shows[0] === true) landed.push(stretch);
    if (landedReads > 0 && landedReads < reads.length) unstable.push({ ...stretch, reads: reads.length, landedReads });
  }
  const mark = history.begin(offsetBytes, sectors * sectorBytes);
  const wrong = reads.flatMap((read) => history.judge(mark, Uint8Array.from(read)));
  const unique = new Map(wrong.map((block) => [`${block.offsetBytes} ${block.detail}`, block]));
  return {
    landed: joinStretches(landed),
    unstable: joinStretches(unstable),
    wrongBlocks: joinBlocks([...unique.values()]),
  };
}

function generationAt(read: Uint8Array, sector: number): number | undefined {
  const found = describeSector(read.subarray(sector * sectorBytes, (sector + 1) * sectorBytes));
  return found.kind === 'intact' ? found.identity.generation : undefined;
}

/** Neighbours that say the same become one. */
function joinStretches<T extends DoubtfulStretch>(stretches: readonly T[]): T[] {
  const joined: T[] = [];
  for (const stretch of stretches) {
    const last = joined.at(-1);
    const { offsetBytes: _offset, lengthBytes: _length, ...says } = stretch;
    const { offsetBytes = 0, lengthBytes = 0, ...said } = last ?? {};
    const continues =
      offsetBytes + lengthBytes === stretch.offsetBytes && JSON.stringify(said) === JSON.stringify(says);
    if (last === undefined || !continues) joined.push(stretch);
    else joined[joined.length - 1] = { ...last, lengthBytes: lengthBytes + stretch.lengthBytes };
  }
  return joined;
}
