import type { WrongBlock } from '../oracle/plan.ts';
import type { RunEvent } from './events.ts';
import type { UnstableFinding } from './finding-schema.ts';
import { eventsOf, type EventOf } from './history.ts';
import { formatBytes, plural } from './quantities.ts';
import { phaseWords } from './words.ts';

type Stretch = UnstableFinding['stretches'][number];
type Doubtful = EventOf<'settled'>['doubtful'][number];

/**
 * One finding for each crash whose writes in flight did not come to rest: old or new is legal, but it must be the same in
 * every read and on every replica, at once and later.
 */
export function unstableFindings(events: readonly RunEvent[]): UnstableFinding[] {
  return eventsOf(events, 'settled').flatMap((settled) => {
    const stretches = [...settled.unstable, ...changedLater(events, settled)];
    if (stretches.length === 0) return [];
    const { phase, replicas, doubtful } = settled;
    const bytes = formatBytes(stretches.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0));
    const finding: UnstableFinding = {
      kind: 'unstable-in-flight',
      title: `Writes in flight at a crash are neither there nor not there: ${bytes} in ${plural(stretches.length, 'stretch', 'stretches')} differ between reads ${phaseWords[phase]} by ${plural(replicas.length, 'replica')}`,
      evidence: [
        `${plural(doubtful.length, 'write')} in flight at the crash; old or new is legal, both at once is not`,
        ...stretches.slice(0, 5).map(evidence),
      ],
      citations: [],
      phase,
      replicas: [...replicas],
      stretches: stretches.map((stretch) => ({ ...stretch })),
    };
    return [finding];
  });
}

function evidence({ offsetBytes, lengthBytes, generation, reads, landedReads }: Stretch): string {
  const shown = `${String(landedReads)} of ${plural(reads, 'read')} showed generation ${String(generation)}`;
  return `${formatBytes(lengthBytes)} at byte ${String(offsetBytes)}: ${shown}, the others what was there before`;
}

/** Places that had come to rest and show the other of the two versions in a pass that was made afterwards. */
function changedLater(events: readonly RunEvent[], settled: EventOf<'settled'>): Stretch[] {
  const later = eventsOf(events, 'wrong-blocks').filter(({ content }) => content === settled.content);
  return later.flatMap(({ blocks }) =>
    blocks.flatMap((block) => {
      const write = settled.doubtful.find((stretch) => covers(stretch, block));
      if (write === undefined) return [];
      const landed = settled.landed.some((stretch) => covers(stretch, { ...block, lengthBytes: 1 }));
      if (!(landed ? showsBefore(block, write) : block.foundGeneration === write.generation)) return [];
      const { offsetBytes, lengthBytes } = block;
      const reads = settled.reads + 1;
      return [
        { offsetBytes, lengthBytes, generation: write.generation, reads, landedReads: landed ? settled.reads : 1 },
      ];
    }),
  );
}

type Range = Pick<Stretch, 'offsetBytes' | 'lengthBytes'>;

function covers(stretch: Range, { offsetBytes, lengthBytes }: Range): boolean {
  return stretch.offsetBytes <= offsetBytes && offsetBytes + lengthBytes <= stretch.offsetBytes + stretch.lengthBytes;
}

/** What stands there is what the write in flight was to replace. Anything older is a lost write, not an unstable one. */
function showsBefore(
  { foundGeneration, wrongByteKind }: WrongBlock,
  { beforeGeneration = 0, generation }: Doubtful,
): boolean {
  if (beforeGeneration > 0) return foundGeneration === beforeGeneration;
  if (foundGeneration !== undefined) return foundGeneration < generation;
  return wrongByteKind === 'zeros' || wrongByteKind === 'parent-shows-through';
}
