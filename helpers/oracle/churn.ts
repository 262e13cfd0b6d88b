/**
 * Writes that go on until they are told to end: several connections, each with blocks of its own, written one at a time
 * in an order that follows from the seed. How many of them were acknowledged says what every block must hold.
 */
import type { Plan, PlannedWrite } from './plan.ts';
import { seededRandom } from './seeded-random.ts';

export interface ChurnBlock {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface ChurnPlan {
  /** The blocks of each connection; no two of all of them overlap. */
  readonly connections: readonly (readonly ChurnBlock[])[];
  /** Of the first write of a connection; each of its later ones has one more. Above those of all stages. */
  readonly firstGeneration: number;
  /** What a connection waits after each write, so that its blocks keep a version for a while. */
  readonly pauseMs: number;
}

/** What is known of the blocks at some moment. */
export interface ChurnState {
  /** Per connection, how many of its writes were acknowledged; one write at a time, so those before are too. */
  readonly acknowledged: readonly number[];
  /** Stretches of writes that were in flight at a crash and of which it was seen afterwards that they are there. */
  readonly landed?: readonly (ChurnBlock & { readonly generation: number })[];
}

/** The order in which a connection writes its blocks in one round; kept for the round that is asked about last. */
export class ChurnSequence {
  readonly #seed: string;
  readonly #plan: ChurnPlan;
  readonly #orders = new Map<number, { readonly round: number; readonly order: readonly number[] }>();

  constructor(seed: string, plan: ChurnPlan) {
    this.#seed = seed;
    this.#plan = plan;
  }

  /** The index into the connection's blocks that its write number `index`, from 0, goes to. */
  blockOf(connection: number, index: number): number {
    const count = this.#plan.connections[connection]?.length ?? 0;
    const round = Math.floor(index / count);
    const kept = this.#orders.get(connection);
    const order = kept?.round === round ? kept.order : this.#shuffled(connection, round, count);
    if (kept?.round !== round) this.#orders.set(connection, { round, order });
    return order[index % count] as number;
  }

  write(connection: number, index: number): PlannedWrite {
    const block = this.#plan.connections[connection]?.[this.blockOf(connection, index)] as ChurnBlock;
    const generation = this.#plan.firstGeneration + index;
    return { ...block, kind: 'data', generation, purpose: `write ${index + 1} of connection ${connection + 1}` };
  }

  /** The last write to each block of a connection among its first `count`. */
  lastWrites(connection: number, count: number): PlannedWrite[] {
    const blocks = this.#plan.connections[connection]?.length ?? 0;
    const seen = new Set<number>();
    const writes: PlannedWrite[] = [];
    for (let index = count - 1; index >= 0 && seen.size < blocks; index--) {
      const block = this.blockOf(connection, index);
      if (seen.has(block)) continue;
      seen.add(block);
      writes.push(this.write(connection, index));
    }
    return writes;
  }

  #shuffled(connection: number, round: number, count: number): readonly number[] {
    const indices = Array.from({ length: count }, (_, index) => index);
    return seededRandom(this.#seed, `churn ${connection} ${round}`).shuffle(indices);
  }
}

/** The writes that make the blocks what the state says, in no particular order: none of them overlaps an older one. */
export function churnedWrites(plan: Plan, { acknowledged, landed = [] }: ChurnState): PlannedWrite[] {
  if (plan.churn === undefined) return [];
  const sequence = new ChurnSequence(plan.seed, plan.churn);
  const known = acknowledged.flatMap((count, connection) => sequence.lastWrites(connection, count));
  return [...known, ...landed.map((range) => ({ ...range, kind: 'data' as const, purpose: 'in flight at a crash' }))];
}
