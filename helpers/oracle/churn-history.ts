/**
 * The history of every block while writes go on, and what a read may show: of each sector the version that was
 * acknowledged last when the read began, or one that was sent since. Older is wrong, and so is a mixture within a sector.
 */
import { classify, joinBlocks } from './classify.ts';
import { ChurnSequence, type ChurnState } from './churn.ts';
import { expectedContent, OracleRangeError, parentContent, type DeviceContent, type Segment } from './content.ts';
import { sectorBytes } from './geometry.ts';
import type { Plan, PlannedWrite, WrongBlock } from './plan.ts';
import { describeSector, fillSectors, seedTag } from './sector.ts';

interface Block {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly connection: number;
  /** Generation that was acknowledged last; 0 while there is none. */
  acknowledged: number;
  /** Generation that was sent last. */
  sent: number;
}

interface KnownBlock {
  readonly block: Block;
  readonly acknowledged: number;
}

/** What was known when a read began. */
export interface ReadMark {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly blocks: readonly KnownBlock[];
}

/** Pure, and bounded: it keeps two numbers per block. */
export class ChurnHistory {
  readonly #plan: Plan;
  readonly #tag: number;
  readonly #sequence: ChurnSequence;
  readonly #under: DeviceContent;
  readonly #parent: DeviceContent;
  /** Ascending by offset. */
  readonly #blocks: readonly Block[];
  readonly #byConnection: readonly (readonly Block[])[];
  readonly #sent: number[];
  readonly #acknowledged: number[];

  /** `plan.writes` is what was there before, `state` how far an earlier churn of the same plan came. */
  constructor(plan: Plan, state?: ChurnState) {
    if (plan.churn === undefined) throw new OracleRangeError('the plan has no writes that go on');
    this.#plan = plan;
    this.#tag = seedTag(plan.seed);
    this.#sequence = new ChurnSequence(plan.seed, plan.churn);
    this.#under = expectedContent(plan);
    this.#parent = parentContent(plan);
    this.#byConnection = plan.churn.connections.map((blocks, connection) =>
      blocks.map((block) => ({ ...block, connection, acknowledged: 0, sent: 0 })),
    );
    this.#blocks = this.#byConnection.flat().sort((a, b) => a.offsetBytes - b.offsetBytes);
    this.#acknowledged = this.#byConnection.map((_, connection) => state?.acknowledged[connection] ?? 0);
    this.#sent = [...this.#acknowledged];
    this.#acknowledged.forEach((count, connection) => this.#resume(connection, count));
  }

  get acknowledged(): readonly number[] {
    return this.#acknowledged;
  }

  /** Per connection; at most one more than acknowledged. */
  get sent(): readonly number[] {
    return this.#sent;
  }

  /** The connection's next write, which from now on a read may show. */
  send(connection: number): PlannedWrite {
    const index = this.#sent[connection] as number;
    this.#sent[connection] = index + 1;
    const write = this.#sequence.write(connection, index);
    this.#blockOf(connection, index).sent = write.generation;
    return write;
  }

  /** The write that was sent last is acknowledged: reads that begin from now on must show it. */
  acknowledge(connection: number): void {
    const index = this.#acknowledged[connection] as number;
    this.#acknowledged[connection] = index + 1;
    const block = this.#blockOf(connection, index);
    block.acknowledged = block.sent;
  }

  begin(offsetBytes: number, lengthBytes: number): ReadMark {
    const end = offsetBytes + lengthBytes;
    const blocks: KnownBlock[] = [];
    for (let index = this.#firstAfter(offsetBytes); index < this.#blocks.length; index++) {
      const block = this.#blocks[index] as Block;
      if (block.offsetBytes >= end) break;
      blocks.push({ block, acknowledged: block.acknowledged });
    }
    return { offsetBytes, lengthBytes, blocks };
  }

  /** Every stretch of a read that its history does not explain. `found` may be changed. */
  judge(mark: ReadMark, found: Uint8Array): WrongBlock[] {
    for (const known of mark.blocks) this.#forgive(mark, known, found);
    return joinBlocks(classify(this.#contextOf(mark), mark.offsetBytes, found));
  }

  #resume(connection: number, count: number): void {
    for (const write of this.#sequence.lastWrites(connection, count)) {
      const block = this.#byConnection[connection]?.find(({ offsetBytes }) => offsetBytes === write.offsetBytes);
      if (block !== undefined) block.acknowledged = block.sent = write.generation;
    }
  }

  #blockOf(connection: number, index: number): Block {
    return this.#byConnection[connection]?.[this.#sequence.blockOf(connection, index)] as Block;
  }

  /** Index of the first block that ends after `offsetBytes`. */
  #firstAfter(offsetBytes: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { offsetBytes: from, lengthBytes } = this.#blocks[middle] as Block;
      if (from + lengthBytes <= offsetBytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A sector of a version that was in flight during the read is as right as the acknowledged one: it is put in its place. */
  #forgive(mark: ReadMark, known: KnownBlock, found: Uint8Array): void {
    const { block, acknowledged } = known;
    if (block.sent === acknowledged) return;
    const from = Math.max(block.offsetBytes, mark.offsetBytes);
    const to = Math.min(block.offsetBytes + block.lengthBytes, mark.offsetBytes + mark.lengthBytes);
    for (let at = from; at < to; at += sectorBytes) {
      const sector = found.subarray(at - mark.offsetBytes, at - mark.offsetBytes + sectorBytes);
      const generation = this.#generationOf(sector, at);
      if (generation === undefined || generation <= acknowledged || generation > block.sent) continue;
      if (this.#writes(block, generation)) this.#expectedInto(known, at, sector);
    }
  }

  /** Generation of an intact sector that belongs at this place; undefined for anything else. */
  #generationOf(sector: Uint8Array, offsetBytes: number): number | undefined {
    const found = describeSector(sector);
    if (found.kind !== 'intact') return undefined;
    const { source, seedTag: tag, lba, generation } = found.identity;
    return source === 'volume' && tag === this.#tag && lba === offsetBytes / sectorBytes ? generation : undefined;
  }

  /** Whether the connection's write of that generation goes to that block. */
  #writes(block: Block, generation: number): boolean {
    const index = generation - (this.#plan.churn?.firstGeneration ?? 0);
    return index >= 0 && this.#blockOf(block.connection, index) === block;
  }

  #expectedInto({ acknowledged }: KnownBlock, offsetBytes: number, target: Uint8Array): void {
    if (acknowledged === 0) this.#under.into(offsetBytes, target);
    else {
      const lba = offsetBytes / sectorBytes;
      fillSectors(target, { source: 'volume', seedTag: this.#tag, lba, generation: acknowledged });
    }
  }

  #contextOf(mark: ReadMark): Parameters<typeof classify>[0] {
    const written = mark.blocks.filter(({ acknowledged }) => acknowledged > 0);
    const covering = (offsetBytes: number): KnownBlock | undefined =>
      written.find(
        ({ block }) => block.offsetBytes <= offsetBytes && offsetBytes < block.offsetBytes + block.lengthBytes,
      );
    const segmentAt = (offsetBytes: number): Segment => {
      const known = covering(offsetBytes);
      if (known === undefined) return this.#under.segmentAt(offsetBytes);
      const { offsetBytes: from, lengthBytes } = known.block;
      const { acknowledged: generation } = known;
      return { offsetBytes: from, lengthBytes, rangeClass: 'written', origin: 'volume', generation };
    };
    const into = (offsetBytes: number, target: Uint8Array): void => {
      this.#under.into(offsetBytes, target);
      const end = offsetBytes + target.length;
      for (const known of written) {
        const from = Math.max(known.block.offsetBytes, offsetBytes);
        const to = Math.min(known.block.offsetBytes + known.block.lengthBytes, end);
        if (from < to) this.#expectedInto(known, from, target.subarray(from - offsetBytes, to - offsetBytes));
      }
    };
    const { sizeBytes } = this.#under;
    const expected: DeviceContent = { sizeBytes, segments: [], segmentAt, into, isZero: () => false };
    return { seedTag: this.#tag, expected, parent: this.#parent };
  }
}
