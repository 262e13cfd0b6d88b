import type { DeviceContent, Segment } from './content.ts';
import { OracleRangeError } from './content.ts';
import { sectorBytes } from './geometry.ts';
import type { RangeClass, VolumeWriter, WrongBlock, WrongByteKind } from './plan.ts';
import { describeSector } from './sector.ts';
import type { SectorIdentity } from './sector.ts';

/** What the classification knows: what should be there, and what would be there had nobody written. */
export interface ClassifyContext {
  readonly seedTag: number;
  readonly expected: DeviceContent;
  readonly parent: DeviceContent;
  /** Whose device it is; absent: the volume under test. */
  readonly writer?: 'volume' | VolumeWriter;
}

interface WrongSector {
  readonly kind: WrongByteKind;
  readonly found: string;
  readonly foundGeneration?: number;
}

/** So many equal bytes at a sector's start or end are no coincidence: it is part right, part wrong. */
const tellingBytes = 64;

const expectedWords: Record<RangeClass, string> = {
  'image-data': 'image data',
  'image-zeros': 'zeros of the image',
  'image-hole': 'zeros (a hole of the image)',
  'beyond-image': 'zeros (beyond the image)',
  written: 'written data',
  'written-zeros': 'written zeros',
  discarded: 'a discarded range',
};

function lbaRange(offsetBytes: number, lengthBytes: number): string {
  const first = offsetBytes / sectorBytes;
  const last = first + lengthBytes / sectorBytes - 1;
  return first === last ? `LBA ${first}` : `LBA ${first} to ${last}`;
}

/** One line: what was expected where, and what stood there instead. */
export function wrongBlock(options: {
  offsetBytes: number;
  lengthBytes: number;
  segment: Pick<Segment, 'rangeClass' | 'generation'>;
  wrong: WrongSector;
}): WrongBlock {
  const { offsetBytes, lengthBytes, segment, wrong } = options;
  const generation = segment.generation > 0 ? ` (generation ${segment.generation})` : '';
  const expected = `${expectedWords[segment.rangeClass]}${generation} at ${lbaRange(offsetBytes, lengthBytes)}`;
  const detail = `expected ${expected}, found ${wrong.found}`;
  const { kind, foundGeneration } = wrong;
  const version = foundGeneration === undefined ? {} : { foundGeneration };
  return { offsetBytes, lengthBytes, rangeClass: segment.rangeClass, wrongByteKind: kind, ...version, detail };
}

function owner(identity: SectorIdentity): string {
  if (identity.source === 'image') return `image data of LBA ${identity.lba}`;
  const who = identity.source.startsWith('volume ') ? identity.source : `the ${identity.source}`;
  return `data of ${who}, LBA ${identity.lba}, generation ${identity.generation}`;
}

function sharesEdge(a: Uint8Array, b: Uint8Array): boolean {
  const same = (from: number): boolean =>
    Buffer.compare(a.subarray(from, from + tellingBytes), b.subarray(from, from + tellingBytes)) === 0;
  return same(0) || same(sectorBytes - tellingBytes);
}

function classifyIntact(
  context: ClassifyContext,
  lba: number,
  segment: Segment,
  identity: SectorIdentity,
): WrongSector {
  const found = owner(identity);
  const foreignWriter = identity.source !== 'image' && identity.source !== (context.writer ?? 'volume');
  if (identity.seedTag !== context.seedTag) return { kind: 'other-volume', found: `${found}, of another seed` };
  if (foreignWriter) return { kind: 'other-volume', found };
  if (identity.lba !== lba) return { kind: 'other-offset', found };
  if (identity.source === 'image') {
    return segment.generation > 0
      ? { kind: 'parent-shows-through', found: `the image's data, as if never written` }
      : { kind: 'garbage', found: `${found}, where the image has none` };
  }
  const { generation: foundGeneration } = identity;
  return foundGeneration < segment.generation
    ? { kind: 'older-generation', found: `generation ${foundGeneration}`, foundGeneration }
    : { kind: 'garbage', found: `${found}, which does not belong here`, foundGeneration };
}

/** `sector` is known to differ from `expected`; both have 512 bytes. */
function classifySector(
  context: ClassifyContext,
  offsetBytes: number,
  segment: Segment,
  sector: Uint8Array,
  expected: Uint8Array,
): WrongSector {
  const description = describeSector(sector);
  switch (description.kind) {
    case 'zeros':
      return { kind: 'zeros', found: 'zeros' };
    case 'intact':
      return classifyIntact(context, offsetBytes / sectorBytes, segment, description.identity);
    case 'torn':
      return { kind: 'torn', found: `a torn sector that begins as ${owner(description.identity)}` };
    case 'garbage': {
      if (sharesEdge(sector, expected)) return { kind: 'torn', found: 'a sector that is right in part' };
      const parent = new Uint8Array(sectorBytes);
      context.parent.into(offsetBytes, parent);
      if (sharesEdge(sector, parent)) return { kind: 'torn', found: "a sector that is the image's in part" };
      return { kind: 'garbage', found: 'bytes that nobody wrote' };
    }
  }
}

/** Joins neighbours of equal class, generation and kind; keeps the words of the first of them. */
class RunMerger {
  readonly #blocks: WrongBlock[] = [];
  #open: { offsetBytes: number; lengthBytes: number; segment: Segment; wrong: WrongSector } | undefined;

  add(offsetBytes: number, segment: Segment, wrong: WrongSector): void {
    const open = this.#open;
    if (
      open?.wrong.kind === wrong.kind &&
      open.wrong.foundGeneration === wrong.foundGeneration &&
      open.segment.rangeClass === segment.rangeClass &&
      open.segment.generation === segment.generation &&
      open.offsetBytes + open.lengthBytes === offsetBytes
    ) {
      open.lengthBytes += sectorBytes;
      return;
    }
    this.#close();
    this.#open = { offsetBytes, lengthBytes: sectorBytes, segment, wrong };
  }

  #close(): void {
    if (this.#open) this.#blocks.push(wrongBlock(this.#open));
    this.#open = undefined;
  }

  finish(): WrongBlock[] {
    this.#close();
    return this.#blocks;
  }
}

/**
 * Every sector of `found` that differs from what stands at `offsetBytes`, classified, neighbours joined. Offset and length
 * are multiples of 512 and inside the device.
 *
 * @throws {OracleRangeError} when they are not
 */
export function classify(context: ClassifyContext, offsetBytes: number, found: Uint8Array): WrongBlock[] {
  if (found.length % sectorBytes !== 0) {
    throw new OracleRangeError(`${found.length} bytes are not whole sectors; pad nothing, read again`);
  }
  const merger = new RunMerger();
  const expected = Buffer.alloc(Math.min(found.length, 65536));
  for (let start = 0; start < found.length; start += expected.length) {
    const length = Math.min(expected.length, found.length - start);
    const want = expected.subarray(0, length);
    context.expected.into(offsetBytes + start, want);
    if (want.equals(found.subarray(start, start + length))) continue;
    for (let within = 0; within < length; within += sectorBytes) {
      const at = offsetBytes + start + within;
      const wantSector = want.subarray(within, within + sectorBytes);
      const sector = found.subarray(start + within, start + within + sectorBytes);
      if (wantSector.equals(sector)) continue;
      const segment = context.expected.segmentAt(at);
      merger.add(at, segment, classifySector(context, at, segment, sector, wantSector));
    }
  }
  return merger.finish();
}

/** What two blocks must have in common to be one: what was expected, and what stands there. */
export function kindOfBlock({ detail, rangeClass, wrongByteKind, foundGeneration }: WrongBlock): string {
  const expected = detail.slice(0, Math.max(0, detail.indexOf(' at LBA ')));
  return `${rangeClass} ${wrongByteKind} ${foundGeneration ?? ''} ${expected}`;
}

/** Blocks that were found one after the other, joined where one continues the other. */
export function joinBlocks(blocks: readonly WrongBlock[]): WrongBlock[] {
  const joined: WrongBlock[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    const touches = last !== undefined && last.offsetBytes + last.lengthBytes === block.offsetBytes;
    if (!touches || kindOfBlock(last) !== kindOfBlock(block)) {
      joined.push(block);
      continue;
    }
    const lengthBytes = last.lengthBytes + block.lengthBytes;
    const detail = last.detail.replace(/ at LBA [\d to]+,/, ` at ${lbaRange(last.offsetBytes, lengthBytes)},`);
    joined[joined.length - 1] = { ...last, lengthBytes, detail };
  }
  return joined;
}
