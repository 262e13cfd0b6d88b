import { churnedWrites, type ChurnState } from './churn.ts';
import { OracleRangeError } from './content.ts';
import type { DiscardedValue, Plan, PlannedWrite } from './plan.ts';

/** The stage that `Plan.writes` is. */
export const patternStage = 'pattern';

/**
 * What a device should hold at some moment: the image, under the stages of writes that were made by then. A revert makes
 * a content without a stage that was written, an expansion one of another size.
 */
export interface ContentRecipe {
  /** Unique in a run; events and findings use it. */
  readonly name: string;
  /** Names of stages, in the order in which they were written. */
  readonly stages: readonly string[];
  /** How far the writes of `Plan.churn` came, over all stages; absent: there were none. */
  readonly churn?: ChurnState;
  /** What discarded ranges were found to read as, where that is not what they held before. */
  readonly settled?: readonly SettledRange[];
  /** Absent: the plan's. */
  readonly sizeBytes?: number;
}

/** A discard leaves the choice to the device; what it chose is looked at once, and must stay. */
export interface SettledRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly leaves: DiscardedValue;
  /** Of the discards that were settled; what is written later has a higher one. */
  readonly generation: number;
}

/** What the volume holds when the plan's first writes were made: what passes expect that name no content. */
export const writtenContent: ContentRecipe = { name: 'written', stages: [patternStage] };

/** @throws {OracleRangeError} when the plan has no such stage */
export function stageWrites(plan: Plan, stage: string): readonly PlannedWrite[] {
  const writes = stage === patternStage ? plan.writes : plan.stages?.[stage];
  if (writes === undefined) throw new OracleRangeError(`the plan has no stage ${stage}`);
  return writes;
}

/** The plan of a device with just that content: an oracle made from it knows every byte. */
export function planOfContent(
  plan: Plan,
  { stages, sizeBytes, churn, settled = [] }: Omit<ContentRecipe, 'name'>,
): Plan {
  const { stages: _stages, ...rest } = plan;
  return {
    ...rest,
    volume: { ...plan.volume, sizeBytes: sizeBytes ?? plan.volume.sizeBytes },
    writes: [
      ...stages.flatMap((stage) => stageWrites(plan, stage)),
      ...settled.map((range): PlannedWrite => ({ ...range, kind: 'discard', purpose: 'as the device left it' })),
      ...(churn === undefined ? [] : churnedWrites(plan, churn)),
    ],
  };
}
