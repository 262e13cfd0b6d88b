/** All snapshots of one replica, on whatever branch: a revert leaves those of the other branches beside the head's chain. */
import type { AuditProblem, ReplicaPlacement } from '../verdict/events.ts';
import type { Lvol } from './lvol-parse.ts';

export interface SnapshotNode {
  /** Without the replica's name in it. */
  readonly name: string;
  /** The snapshot that it hangs on; empty for the oldest, whatever that hangs on. */
  readonly parent: string;
  /** Snapshots that hang on it, and `volume-head` where the head does; sorted. */
  readonly children: readonly string[];
  readonly allocatedClusters: number;
  readonly userCreated?: string | undefined;
  readonly takenAt?: string | undefined;
}

/** The engine's name for what is written to. longhorn-manager:types/types.go@v1.11.3 */
export const volumeHead = 'volume-head';

/** By name, sorted. longhorn-spdk-engine:pkg/spdk/types.go GetReplicaSnapshotLvolName@44753b56 */
export function snapshotTree({ replica, diskUuid }: ReplicaPlacement, lvols: readonly Lvol[]): SnapshotNode[] {
  const prefix = `${replica}-snap-`;
  const own = lvols.filter(
    ({ name, lvstoreUuid }) => lvstoreUuid === diskUuid && (name === replica || name.startsWith(prefix)),
  );
  const shortName = (name: string): string => (name === replica ? volumeHead : name.slice(prefix.length));
  return own
    .filter(({ name }) => name !== replica)
    .map(({ name, parent, allocatedClusters, userCreated, snapshotTimestamp }) => ({
      name: shortName(name),
      parent: parent?.startsWith(prefix) === true ? shortName(parent) : '',
      children: own
        .filter((lvol) => lvol.parent === name)
        .map((lvol) => shortName(lvol.name))
        .sort(),
      allocatedClusters,
      userCreated,
      takenAt: snapshotTimestamp,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface TreeDifference {
  readonly problem: Extract<
    AuditProblem,
    'snapshot-names-differ' | 'snapshot-parent-differs' | 'snapshot-attributes-differ' | 'allocation-differs'
  >;
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
  return seen.flatMap((node, index): TreeDifference[] => {
    const { name, parent, allocatedClusters } = node;
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
    return [...found, ...attributeDifferences(node, other, reference)];
  });
}

/**
 * A rebuild hands both on to the snapshots that it makes: a purge deletes what no user took, and a later rebuild takes
 * a snapshot of another time for another one. longhorn-spdk-engine:pkg/spdk/engine.go replicaShallowCopy@44753b56
 */
function attributeDifferences(
  seen: SnapshotNode,
  other: SnapshotNode | undefined,
  reference: string,
): TreeDifference[] {
  const problem = 'snapshot-attributes-differ';
  const differ = (word: string, own: string | undefined, others: string | undefined): TreeDifference[] =>
    own === undefined || others === undefined || own === others
      ? []
      : [{ problem, detail: `snapshot ${seen.name} has ${word} ${own}, on ${reference} ${others}` }];
  return [
    ...differ('user_created', seen.userCreated, other?.userCreated),
    ...differ('snapshot_timestamp', seen.takenAt, other?.takenAt),
  ];
}
