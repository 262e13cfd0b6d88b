/** What was seen of each snapshot on each replica, where a plan takes snapshots; and what a verdict misses of it. */
import type { SnapshotReader } from '../oracle/snapshot-plan.ts';
import type { RunEvent } from './events.ts';
import { contentOf, eventsOf, firstOf, plannedPasses } from './history.ts';
import type { JudgedPass } from './passes.ts';
import type { SnapshotReading } from './verdict.ts';

/** Completes `Snapshot s2 was never read …`. */
export const readerWords: Record<SnapshotReader, string> = {
  together: 'by all first replicas together',
  source: 'from a source of the rebuild alone',
  rebuilt: 'from the rebuilt replica alone',
};

const readers: readonly SnapshotReader[] = ['together', 'source', 'rebuilt'];

/** A row per snapshot and reader, read or not, in the order of the snapshots; none where the plan takes none. */
export function snapshotReadings(events: readonly RunEvent[], judged: readonly JudgedPass[]): SnapshotReading[] {
  const plan = firstOf(events, 'plan')?.plan;
  if (plan?.snapshots === undefined || plannedPasses(plan, 'snapshot') === 0) return [];
  const { line, branch } = plan.snapshots;
  // What is frozen last is still the head's content when the branch is read.
  const phasesOf = (name: string): readonly string[] => (name === branch ? ['snapshot', 'reverted'] : ['snapshot']);
  const reading = readerOf(events);
  return [...line, branch].flatMap((snapshot) => {
    const seen = judged.filter(({ pass }) => contentOf(pass) === snapshot && phasesOf(snapshot).includes(pass.phase));
    return readers.map((reader): SnapshotReading => {
      const passes = seen.filter(({ pass }) => reading(pass.replicas) === reader);
      const results = passes.filter(({ outcome }) => outcome !== 'no-result');
      return {
        snapshot,
        object: eventsOf(events, 'snapshot-taken').find(({ content }) => content === snapshot)?.snapshot ?? null,
        reader,
        replicas: [...new Set(passes.flatMap(({ pass }) => pass.replicas))].sort(),
        passes: results.length,
        right: results.filter(({ outcome }) => outcome === 'right').length,
      };
    });
  });
}

/** Who answered a pass, from the replicas that could; undefined for a lone replica that is neither source nor rebuilt. */
function readerOf(events: readonly RunEvent[]): (replicas: readonly string[]) => SnapshotReader | undefined {
  const proven = firstOf(events, 'rebuild-proven');
  return (replicas) => {
    const [sole] = replicas;
    if (replicas.length > 1) return 'together';
    if (sole === undefined) return undefined;
    if (sole === proven?.rebuilt.replica) return 'rebuilt';
    // Before a rebuild was proven, whoever is alone is what it would be made from.
    const isSource = proven === undefined || proven.sources.some(({ replica }) => replica === sole);
    return isSource ? 'source' : undefined;
  };
}

/** Every snapshot must have been judged on every replica that is left: what was not read is not known. */
export function snapshotCauses(events: readonly RunEvent[], judged: readonly JudgedPass[]): string[] {
  return snapshotReadings(events, judged)
    .filter(({ passes }) => passes === 0)
    .map(({ snapshot, reader }) => `Snapshot ${snapshot} was never read ${readerWords[reader]}.`);
}
