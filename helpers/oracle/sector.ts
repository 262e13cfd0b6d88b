/**
 * The self-describing sector. Found anywhere, it says whose it is and where it belongs, so that wrong content can be
 * told apart: zeros, the parent's, older, misplaced, foreign, torn.
 *
 * 128 little-endian words of 32 bits: magic, source, seed tag, LBA (low, high), generation, checksum, and 121 words of
 * fill. The fill follows from the header alone and differs between any two headers; the checksum covers all other words.
 */
import { createHash } from 'node:crypto';
import { sectorBytes } from './geometry.ts';

/** Who wrote a sector: the backing image, the plan's writes to a volume or a bystander, or one of several writers. */
export type SectorSource = 'image' | 'volume' | 'bystander' | `volume ${number}` | `writer ${number}`;

/** What a sector says about itself. `lba` counts sectors of 512 bytes; generation is 0 for the image. */
export interface SectorIdentity {
  readonly source: SectorSource;
  readonly seedTag: number;
  readonly lba: number;
  readonly generation: number;
}

/** `torn`: the header is ours, the rest does not follow from it. */
export type SectorDescription =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'intact'; readonly identity: SectorIdentity }
  | { readonly kind: 'torn'; readonly identity: SectorIdentity }
  | { readonly kind: 'garbage' };

const wordsPerSector = sectorBytes / 4;
/** "LHV2" in ASCII. */
const magic = 0x3256484c;
const sourceWords = { image: 1, volume: 2, bystander: 3 } as const;
type NamedSource = keyof typeof sourceWords;
const firstVolumeWord = 0x10;
const firstWriterWord = 0x100;
const hostIsLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** 32 bits of the seed, carried by each of its sectors: content of another run or volume is recognised by it. */
export function seedTag(seed: string): number {
  return createHash('sha256').update(`${seed}\0sector`).digest().readUInt32LE(0);
}

function sourceToWord(source: SectorSource): number {
  if (source in sourceWords) return sourceWords[source as NamedSource];
  const [first, number] = source.split(' ');
  return (first === 'volume' ? firstVolumeWord : firstWriterWord) + Number(number);
}

function wordToSource(word: number): SectorSource | undefined {
  const named = (Object.keys(sourceWords) as NamedSource[]).find((source) => sourceWords[source] === word);
  if (named !== undefined) return named;
  if (word >= firstWriterWord) return `writer ${word - firstWriterWord}`;
  return word >= firstVolumeWord ? `volume ${word - firstVolumeWord}` : undefined;
}

/** Finalizer of MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Writes `count` consecutive sectors as host-order words; whole words only, because this is the hot path. */
function writeWords(words: Uint32Array, count: number, first: SectorIdentity): void {
  const sourceWord = sourceToWord(first.source);
  const owner = mix(mix(first.seedTag ^ 0x9e3779b9) ^ sourceWord) ^ Math.imul(first.generation, 0x85ebca6b);
  for (let index = 0; index < count; index++) {
    const lba = first.lba + index;
    const lbaLow = lba >>> 0;
    const lbaHigh = Math.floor(lba / 0x1_0000_0000);
    const start = index * wordsPerSector;
    const position = Math.imul(lbaLow, 0x9e3779b1) ^ lbaHigh;
    let state = mix(owner ^ mix(position)) || 1;
    let checksum = mix(
      magic ^ mix(sourceWord ^ mix(first.seedTag ^ mix(lbaLow ^ mix(lbaHigh ^ mix(first.generation))))),
    );
    for (let word = start + 7; word < start + wordsPerSector; word++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const fill = state ^ position;
      words[word] = fill;
      checksum = Math.imul(checksum ^ fill, 0x01000193);
    }
    words[start] = magic;
    words[start + 1] = sourceWord;
    words[start + 2] = first.seedTag;
    words[start + 3] = lbaLow;
    words[start + 4] = lbaHigh;
    words[start + 5] = first.generation;
    words[start + 6] = checksum;
  }
}

/**
 * Fills `target`, whose length is a multiple of 512, with consecutive sectors of one owner; `first` describes the first of
 * them. The same input gives the same bytes on every machine.
 */
export function fillSectors(target: Uint8Array, first: SectorIdentity): void {
  const count = target.length / sectorBytes;
  if (!Number.isInteger(count))
    throw new RangeError(`sectors are 512 bytes, a target of ${target.length} cannot hold them`);
  if (hostIsLittleEndian && target.byteOffset % 4 === 0) {
    writeWords(new Uint32Array(target.buffer, target.byteOffset, count * wordsPerSector), count, first);
    return;
  }
  const words = new Uint32Array(count * wordsPerSector);
  writeWords(words, count, first);
  const bytes = Buffer.from(words.buffer);
  target.set(hostIsLittleEndian ? bytes : bytes.swap32());
}

const zeroSector = Buffer.alloc(sectorBytes);
const scratch = Buffer.alloc(sectorBytes);

/** Answers "what is this sector that I found" without knowing where it was found. `sector` has 512 bytes. */
export function describeSector(sector: Uint8Array): SectorDescription {
  if (sector.length !== sectorBytes) throw new RangeError(`a sector has 512 bytes, not ${sector.length}`);
  const bytes = Buffer.from(sector.buffer, sector.byteOffset, sectorBytes);
  if (bytes.equals(zeroSector)) return { kind: 'zeros' };
  const source = wordToSource(bytes.readUInt32LE(4));
  if (bytes.readUInt32LE(0) !== magic || source === undefined) return { kind: 'garbage' };
  const identity: SectorIdentity = {
    source,
    seedTag: bytes.readUInt32LE(8),
    lba: bytes.readUInt32LE(16) * 0x1_0000_0000 + bytes.readUInt32LE(12),
    generation: bytes.readUInt32LE(20),
  };
  fillSectors(scratch, identity);
  return { kind: bytes.equals(scratch) ? 'intact' : 'torn', identity };
}
