/** All snapshots of one replica, on whatever branch: a revert leaves those of the other branches beside the head's chain. */
import type { AuditProblem, ReplicaPlacement } from '../verdict/events.ts';
import type { Lvol } from './lvol-parse.ts';

export interface SnapshotNode {
  /** Without the replica's name in it. */
  readonly name: string;
  /** The snapshot that it hangs on; empty for the oldest, whatever that hangs on. */
  readonly parent: string;
  readonly allocatedClusters: number;
}

/** By name, sorted. longhorn-spdk-engine:pkg/spdk/types.go GetReplicaSnapshotLvolName@44753b56 */
export function snapshotTree({ replica, diskUuid }: ReplicaPlacement, lvols: readonly Lvol[]): SnapshotNode[] {
  const prefix = `${replica}-snap-`;
  return lvols
    .filter(({ name, lvstoreUuid }) => lvstoreUuid === diskUuid && name.startsWith(prefix))
    .map(({ name, parent, allocatedClusters }) => ({
      name: name.slice(prefix.length),
      parent: parent?.startsWith(prefix) === true ? parent.slice(prefix.length) : '',
      allocatedClusters,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface TreeDifference {
  readonly problem: Extract<AuditProblem, 'snapshot-names-differ' | 'snapshot-parent-differs' | 'allocation-differs'>;
  readonly detail: string;
}

/** In what a tree differs from that of another replica, named `reference`. */
export function treeDifferences(
  seen: readonly SnapshotNode[],
  wanted: readonly SnapshotNode[],
  reference: string,
): TreeDifference[] {
  const namesOf = (nodes: readonly SnapshotNode[]): string => nodes.map(({ name }) => name).join(' ');
  if (namesOf(seen) !== namesOf(wanted)) {
    const detail = `snapshots ${namesOf(seen) || 'none'}; those of ${reference}: ${namesOf(wanted) || 'none'}`;
    return [{ problem: 'snapshot-names-differ', detail }];
  }
  return seen.flatMap(({ name, parent, allocatedClusters }, index): TreeDifference[] => {
    const other = wanted[index];
    const found: TreeDifference[] = [];
    if (parent !== other?.parent) {
      const shown = (text: string | undefined): string => (text === undefined || text === '' ? 'no snapshot' : text);
      const detail = `snapshot ${name} hangs on ${shown(parent)}, on ${reference} on ${shown(other?.parent)}`;
      found.push({ problem: 'snapshot-parent-differs', detail });
    }
    if (allocatedClusters !== other?.allocatedClusters) {
      const counts = `${String(allocatedClusters)} clusters, on ${reference} ${String(other?.allocatedClusters)}`;
      found.push({ problem: 'allocation-differs', detail: `snapshot ${name} owns ${counts}` });
    }
    return found;
  });
}
