import { makeShapes } from './pass-shapes.ts';
import type { Plan, PlannedWrite } from './plan.ts';
import { patternStage, type ContentRecipe } from './recipe.ts';
import { seededRandom } from './seeded-random.ts';
import { makeWrites } from './write-layout.ts';

/** The user's snapshots of a story, and the branch that a revert begins. Names are those of the contents that they freeze. */
export interface SnapshotPlan {
  /** Oldest first; each is taken after one more stage of writes. */
  readonly line: readonly string[];
  /** The one of the line that the volume is reverted to, before the branch is written. */
  readonly branchFrom: string;
  /** Taken on the branch. */
  readonly branch: string;
}

/** A pass over every snapshot of the line by all replicas together samples them; so often. */
const passesTogether = 2;

/** The stage that each snapshot of the line is taken after. */
const stagesOfLine = [patternStage, 'second', 'third'];
const branchStage = 'branch';
/** Written to the head after the last snapshot, so that a rebuild has something beside the snapshots to carry over. */
export const headStage = 'head';
const line = ['s1', 's2', 's3'];
const branch = 's4';

/** The child of the deleted snapshot is read once more. */
const passesAfterDeletion = 1;

/** A stage's own layout, written over all earlier ones: its generations begin where theirs end. */
function stageWritesOf(plan: Plan, stage: string, order: number): PlannedWrite[] {
  const writes = makeWrites({
    extents: plan.image.extents,
    imageSizeBytes: plan.image.sizeBytes,
    volumeSizeBytes: plan.volume.sizeBytes,
    random: seededRandom(plan.seed, `stage ${stage}`),
  });
  const generations = Math.max(...plan.writes.map(({ generation }) => generation));
  return writes.map((write) => ({ ...write, generation: write.generation + order * generations }));
}

/** Adds stages, snapshots and the passes over them; few passes of what the main scenario reads at length. */
export function withSnapshots(plan: Plan): Plan {
  const random = seededRandom(plan.seed, 'snapshots');
  const later = [...stagesOfLine.slice(1), branchStage, headStage];
  const { baseline, rebuilt } = plan.passes;
  const snapshots: SnapshotPlan = { line, branchFrom: random.pick(line.slice(0, -1)), branch };
  const perReplica = line.length + 1;
  return {
    ...plan,
    stages: {
      ...plan.stages,
      ...Object.fromEntries(later.map((stage, index) => [stage, stageWritesOf(plan, stage, index + 1)])),
    },
    snapshots,
    passes: {
      baseline: baseline.slice(0, 1),
      reverted: makeShapes(random, 1),
      rebuilt: rebuilt.slice(0, 2),
      isolated: makeShapes(random, 1),
      snapshot: makeShapes(random, line.length * passesTogether + 2 * perReplica + passesAfterDeletion),
      reattached: [],
    },
  };
}

function planned(plan: Plan): SnapshotPlan {
  if (plan.snapshots === undefined) throw new Error('the plan has no snapshots');
  return plan.snapshots;
}

/** What each snapshot holds, in the order in which they are taken. */
export function snapshotContents(plan: Plan): ContentRecipe[] {
  const { branchFrom } = planned(plan);
  const onLine = planned(plan).line.map((name, index) => ({ name, stages: stagesOfLine.slice(0, index + 1) }));
  const trunk = onLine.find(({ name }) => name === branchFrom)?.stages ?? [];
  return [...onLine, { name: planned(plan).branch, stages: [...trunk, branchStage] }];
}

/** The stages after which the snapshots are taken, in their order. */
export function snapshotStages(plan: Plan): { readonly stage: string; readonly content: ContentRecipe }[] {
  return snapshotContents(plan).map((content) => ({ stage: content.stages.at(-1) ?? patternStage, content }));
}

/** What the volume holds in the end: the branch, and what was written to the head after its snapshot. */
export function headContent(plan: Plan): ContentRecipe {
  return { name: headStage, stages: [...branchContent(plan).stages, headStage] };
}

/** What the volume holds once the branch is written. */
export function branchContent(plan: Plan): ContentRecipe {
  const { branch: name } = planned(plan);
  return snapshotContents(plan).find((content) => content.name === name) ?? { name, stages: [] };
}

/** The line's contents in an order that ends with the one to branch from, so that the last revert begins the branch. */
export function lineToBranch(plan: Plan): ContentRecipe[] {
  const { branchFrom, branch: last } = planned(plan);
  const onLine = snapshotContents(plan).filter(({ name }) => name !== last);
  return [...onLine.filter(({ name }) => name !== branchFrom), ...onLine.filter(({ name }) => name === branchFrom)];
}

/**
 * A snapshot of the line that exactly one other hangs on, which is what a deletion merges it into; the one that the branch
 * begins at has two.
 */
export function deletion(plan: Plan): { readonly deleted: ContentRecipe; readonly heir: ContentRecipe } {
  const { branchFrom } = planned(plan);
  const contents = snapshotContents(plan);
  const index = contents.findIndex(({ name }) => name !== branchFrom);
  const [deleted, heir] = contents.slice(index, index + 2);
  if (deleted === undefined || heir === undefined) throw new Error('the plan has no snapshot to delete');
  return { deleted, heir };
}

/** Which of the phase's passes are made after the deletion. */
export function passesAfterDeletionOf(plan: Plan): readonly [from: number, end: number] {
  const end = plan.passes.snapshot?.length ?? 0;
  return [end - passesAfterDeletion, end];
}

/** Who reads a snapshot: all first replicas, the one that a rebuild is made from, the one that it made. */
export type SnapshotReader = 'together' | 'source' | 'rebuilt';

/** Which of the phase's passes are those of one reader over one snapshot: from, and up to without the last. */
export function snapshotPasses(
  plan: Plan,
  reader: SnapshotReader,
  content: string,
): readonly [from: number, end: number] {
  const names = snapshotContents(plan).map(({ name }) => name);
  const index = names.indexOf(content);
  const together = planned(plan).line.length * passesTogether;
  switch (reader) {
    case 'together':
      return [index * passesTogether, (index + 1) * passesTogether];
    case 'source':
      return [together + index, together + index + 1];
    case 'rebuilt':
      return [together + names.length + index, together + names.length + index + 1];
  }
}
