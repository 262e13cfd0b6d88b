/** A volume's Snapshot objects, held against the snapshots that its replicas have. longhorn-facts §1.11 */
import type { KubeClient } from '../kubernetes/client.ts';
import { WaitTimeout } from '../kubernetes/errors.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import { engines, snapshots, type Engine, type Snapshot } from './kinds.ts';
import type { SnapshotNode } from './snapshot-tree.ts';
import type { Subject } from './subject.ts';

export interface SnapshotObject {
  readonly name: string;
  /** The snapshot that it hangs on; empty for the oldest, whatever that hangs on. */
  readonly parent: string;
  readonly userCreated: boolean;
}

const timeoutMs = 30_000;

/**
 * The volume's Snapshot objects by name, once they say what the engine reports: the engine controller makes and deletes
 * them a moment later. When they never agree, they are answered as they are.
 */
export async function readSnapshotObjects(client: KubeClient, subject: Subject): Promise<readonly SnapshotObject[]> {
  const { namespace, name } = subject;
  const labelSelector = `longhornvolume=${name}`;
  try {
    await waitFor(client, {
      what: `Snapshot objects of ${name}`,
      expected: 'one for each snapshot that the engine reports, on the parent that it reports',
      sources: {
        snapshots: { kind: snapshots, namespace, labelSelector },
        engines: { kind: engines, namespace, labelSelector },
      },
      until: (view) => {
        const objects = shown(objectsOf(view.snapshots));
        const reported = shown(view.engines.flatMap(reportedBy));
        return objects === reported ? met(undefined) : pending(`objects ${objects}; engine ${reported}`);
      },
      timeoutMs,
    });
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error;
  }
  return objectsOf((await client.list(snapshots, { namespace, labelSelector })).items);
}

function objectsOf(found: readonly Snapshot[]): SnapshotObject[] {
  return withKnownParents(
    found
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata, status }) => ({
        name: metadata.name,
        parent: status?.parent ?? '',
        userCreated: status?.userCreated ?? false,
      })),
  );
}

function reportedBy({ status }: Engine): SnapshotObject[] {
  return withKnownParents(
    Object.entries(status?.snapshots ?? {})
      .filter(([snapshot]) => snapshot !== 'volume-head')
      .map(([snapshot, { parent = '', usercreated = false }]) => ({ name: snapshot, parent, userCreated: usercreated })),
  );
}

/** Releases differ in whether they name a backing image as a parent. */
function withKnownParents(objects: readonly SnapshotObject[]): SnapshotObject[] {
  const names = new Set(objects.map(({ name }) => name));
  return objects
    .map((object) => ({ ...object, parent: names.has(object.parent) ? object.parent : '' }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function shown(objects: readonly SnapshotObject[]): string {
  return objects.map(({ name, parent }) => (parent === '' ? name : `${name} on ${parent}`)).join(', ') || 'none';
}

/**
 * In what the engine does not tell rightly who took its snapshots, as sentences: a purge deletes what no user took. Holds
 * at any moment, also while a purge runs.
 *
 * @param taken names of the snapshots that this run took; all others are Longhorn's own
 */
export function takerDifferences(engine: Engine | undefined, taken: ReadonlySet<string>): string[] {
  return (engine === undefined ? [] : reportedBy(engine)).flatMap(({ name, userCreated }) => {
    if (userCreated === taken.has(name)) return [];
    const truth = taken.has(name) ? 'this run took it' : 'Longhorn took it';
    return [`the engine says that snapshot ${name} was ${userCreated ? '' : 'not '}taken by a user, and ${truth}`];
  });
}

/** In what the objects do not tell what a replica has, as sentences. */
export function objectDifferences(objects: readonly SnapshotObject[], tree: readonly SnapshotNode[]): string[] {
  const wanted = objects.map(({ name }) => name).sort().join(' ');
  const seen = tree.map(({ name }) => name).join(' ');
  if (seen !== wanted) return [`lvols show snapshots ${seen || 'none'}, Snapshot objects are ${wanted || 'none'}`];
  return tree.flatMap(({ name, parent, userCreated }) => {
    const object = objects.find((candidate) => candidate.name === name);
    if (object === undefined) return [];
    const on = (snapshot: string): string => (snapshot === '' ? 'no snapshot' : snapshot);
    const says = String(object.userCreated);
    return [
      ...(object.parent === parent
        ? []
        : [`snapshot ${name} hangs on ${on(parent)}, its Snapshot object says on ${on(object.parent)}`]),
      ...(userCreated === undefined || userCreated === says
        ? []
        : [`snapshot ${name} has user_created ${userCreated}, its Snapshot object says ${says}`]),
    ];
  });
}
