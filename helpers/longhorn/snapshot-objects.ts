/** A volume's Snapshot objects, held against the snapshots that its replicas have. longhorn-facts §1.11 */
import type { KubeClient } from '../kubernetes/client.ts';
import { WaitTimeout } from '../kubernetes/errors.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import { clusterBytes } from '../oracle/geometry.ts';
import { snapshots, type Engine, type Snapshot } from './kinds.ts';
import { type SnapshotNode, volumeHead } from './snapshot-tree.ts';
import type { Subject } from './subject.ts';

export interface SnapshotObject {
  readonly name: string;
  /** The snapshot that it hangs on; empty for the oldest, whatever that hangs on. */
  readonly parent: string;
  /** Snapshots that hang on it, and `volume-head` where the head does; sorted. */
  readonly children: readonly string[];
  readonly userCreated: boolean;
  readonly sizeBytes: number;
  readonly takenAt: string;
}

const timeoutMs = 30_000;

/**
 * The volume's Snapshot objects by name, once they tell what a replica has: Longhorn's controllers make, change and delete
 * them a moment later. When they never do, they are answered as they are.
 */
export async function readSnapshotObjects(
  client: KubeClient,
  subject: Subject,
  trees: readonly (readonly SnapshotNode[])[],
): Promise<readonly SnapshotObject[]> {
  const { namespace, name } = subject;
  const labelSelector = `longhornvolume=${name}`;
  try {
    await waitFor(client, {
      what: `Snapshot objects of ${name}`,
      expected: 'what the lvols of a replica show',
      sources: { snapshots: { kind: snapshots, namespace, labelSelector } },
      until: (view) => {
        const objects = objectsOf(view.snapshots);
        const [closest = []] = trees
          .map((tree) => objectDifferences(objects, tree))
          .sort((a, b) => a.length - b.length);
        return closest.length === 0 ? met(undefined) : pending(closest.join('; '));
      },
      timeoutMs,
    });
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
  }
  return objectsOf((await client.list(snapshots, { namespace, labelSelector })).items);
}

/** Releases differ in whether they name a backing image as a parent, and a clone's entrypoint as a child. */
export function objectsOf(found: readonly Snapshot[]): SnapshotObject[] {
  const living = found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const names = new Set(living.map(({ metadata }) => metadata.name));
  return living
    .map(({ metadata, status }) => ({
      name: metadata.name,
      parent: names.has(status?.parent ?? '') ? (status?.parent ?? '') : '',
      children: Object.keys(status?.children ?? {})
        .filter((child) => names.has(child) || child === volumeHead)
        .sort(),
      userCreated: status?.userCreated ?? false,
      sizeBytes: status?.size ?? 0,
      takenAt: status?.creationTime ?? '',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * In what the engine does not tell rightly who took its snapshots, as sentences: a purge deletes what no user took. Holds
 * at any moment, also while a purge runs.
 *
 * @param taken names of the snapshots that this run took; all others are Longhorn's own
 */
export function takerDifferences(engine: Engine | undefined, taken: ReadonlySet<string>): string[] {
  return Object.entries(engine?.status?.snapshots ?? {}).flatMap(([name, { usercreated = false }]) => {
    if (name === volumeHead || usercreated === taken.has(name)) return [];
    const truth = taken.has(name) ? 'this run took it' : 'Longhorn took it';
    return [`the engine says that snapshot ${name} was ${usercreated ? '' : 'not '}taken by a user, and ${truth}`];
  });
}

/**
 * In what the objects do not tell what a replica has, as sentences. The size is that of the clusters that the snapshot
 * owns, the time that of the attribute: longhorn-instance-manager:pkg/proxy/snapshot.go SnapshotList@v1.8.0..v1.12.1
 */
export function objectDifferences(objects: readonly SnapshotObject[], tree: readonly SnapshotNode[]): string[] {
  const wanted = objects
    .map(({ name }) => name)
    .sort()
    .join(' ');
  const seen = tree.map(({ name }) => name).join(' ');
  if (seen !== wanted) return [`lvols show snapshots ${seen || 'none'}, Snapshot objects are ${wanted || 'none'}`];
  return tree.flatMap((node) => {
    const object = objects.find((candidate) => candidate.name === node.name);
    if (object === undefined) return [];
    const { name, parent, userCreated, takenAt } = node;
    const on = (snapshot: string): string => (snapshot === '' ? 'no snapshot' : snapshot);
    const differ = (has: string, own: string | undefined, told: string): string[] =>
      own === undefined || own === told ? [] : [`snapshot ${name} ${has} ${own}, its Snapshot object says ${told}`];
    const list = (children: readonly string[]): string => children.join(' and ') || 'nothing';
    return [
      ...(object.parent === parent
        ? []
        : [`snapshot ${name} hangs on ${on(parent)}, its Snapshot object says on ${on(object.parent)}`]),
      ...differ('has on it', list(node.children), list(object.children)),
      ...differ('has user_created', userCreated, String(object.userCreated)),
      ...differ('has snapshot_timestamp', takenAt, object.takenAt),
      ...differ('owns bytes:', String(node.allocatedClusters * clusterBytes), String(object.sizeBytes)),
    ];
  });
}
