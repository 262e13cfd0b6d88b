/** How several volumes are made to be rebuilt at once, as far as a client can, and whether they were. */
import type { ReplicaPlacement } from '../verdict/events.ts';
import type { Premise } from './premise.ts';

/** From the first moment at which the engine showed a replica as not yet readable, to its being served; client's time. */
export interface RebuildSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * One replica of each volume: on the disk that most of them share, so that their rebuilds have a disk in common. A volume
 * without a replica there loses the one that the index names, counted round.
 */
export function victimsOnOneDisk(volumes: readonly (readonly ReplicaPlacement[])[], index: number): ReplicaPlacement[] {
  const counts = new Map<string, number>();
  for (const { diskUuid } of volumes.flat()) counts.set(diskUuid, (counts.get(diskUuid) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const shared = [...counts]
    .filter(([, count]) => count === most)
    .map(([disk]) => disk)
    .sort();
  const disk = shared[index % shared.length];
  return volumes.map((placements) => {
    const victim = placements.find(({ diskUuid }) => diskUuid === disk) ?? placements[index % placements.length];
    if (victim === undefined) throw new Error('a volume has no replica to lose');
    return victim;
  });
}

/**
 * Says how many rebuilds went on at the same time. It is never unmet: Longhorn decides when each begins. No more than
 * concurrent-replica-rebuild-per-node-limit (5 unless it was changed, from v1.8.0 to v1.12.1) run on a node, others wait.
 * longhorn-manager:types/setting.go, controller/replica_controller.go CanStartRebuildingReplica
 */
export function overlapPremise(spans: readonly (RebuildSpan | undefined)[]): Premise {
  const seen = spans.filter((span) => span !== undefined);
  const atOnce = Math.max(
    0,
    ...seen.map(({ fromMs }) => seen.filter((span) => span.fromMs <= fromMs && fromMs < span.toMs).length),
  );
  const start = Math.min(...seen.map(({ fromMs }) => fromMs));
  const seconds = (ms: number): string => `${((ms - start) / 1000).toFixed(1)} s`;
  const each = spans.map((span, volume) => {
    const when = span === undefined ? 'not seen while it went on' : `${seconds(span.fromMs)} to ${seconds(span.toMs)}`;
    return `volume ${String(volume + 1)} ${when}`;
  });
  const words =
    atOnce > 1
      ? `${String(atOnce)} of ${String(spans.length)} at once`
      : 'none overlapped, so nothing is said of rebuilds at once';
  return { name: 'how many rebuilds went on at once', state: 'met', detail: `${words}: ${each.join('; ')}` };
}
