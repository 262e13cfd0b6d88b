/** Snapshots of a volume: taken by their objects, and what the engine says of them. longhorn-facts §1.11 */
import type { KubeClient, NewObject } from '../kubernetes/client.ts';
import { met, pending, waitFor, type Progress } from '../kubernetes/wait.ts';
import { snapshots, type Snapshot } from './kinds.ts';
import { volumeHead } from './snapshot-tree.ts';
import { activeEngine, hasDevice, modesOf, sourcesOf, type Subject, type SubjectView } from './subject.ts';
import { describe, faulted } from './volume-states.ts';

interface Timeout {
  readonly timeoutMs: number;
}

/** The object that asks for a snapshot; it is named like the snapshot. longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/snapshot.go */
export function snapshotManifest(subject: Subject, name: string): NewObject {
  return {
    metadata: { name, namespace: subject.namespace },
    spec: { volume: subject.name, createSnapshot: true },
  };
}

/** The snapshot is there, and the engine reports it. */
export function waitUntilTaken(
  client: KubeClient,
  subject: Subject,
  options: Timeout & { name: string },
): Promise<void> {
  return waitForSnapshot(client, subject, {
    ...options,
    what: `snapshot ${options.name} of volume ${subject.name}`,
    expected: 'readyToUse, and a snapshot of that name in the engine’s status',
    until: ([object], reported) => {
      const { readyToUse = false, error = '' } = object?.status ?? {};
      return readyToUse && reported ? met(undefined) : pending(`readyToUse ${String(readyToUse)} ${error}`.trim());
    },
  });
}

/** Neither an object of that name is left nor a snapshot that the engine reports: its clusters are the child's now. */
export function waitUntilMerged(
  client: KubeClient,
  subject: Subject,
  options: Timeout & { name: string },
): Promise<void> {
  return waitForSnapshot(client, subject, {
    ...options,
    what: `snapshot ${options.name} of volume ${subject.name} deleted`,
    expected: 'no object of that name, and no snapshot in the engine’s status',
    until: (objects, reported) =>
      objects.length === 0 && !reported
        ? met(undefined)
        : pending(`${String(objects.length)} objects, ${reported ? '' : 'not '}reported by the engine`),
  });
}

interface SnapshotWait extends Timeout {
  readonly name: string;
  readonly what: string;
  readonly expected: string;
  /** Of the objects of that name, and of whether the engine reports such a snapshot. */
  readonly until: (objects: readonly Snapshot[], reported: boolean) => Progress<undefined>;
}

async function waitForSnapshot(client: KubeClient, subject: Subject, wait: SnapshotWait): Promise<void> {
  const { name, until, ...rest } = wait;
  await waitFor(client, {
    ...rest,
    sources: { ...sourcesOf(subject), objects: { kind: snapshots, namespace: subject.namespace, name } },
    until: (view) => until(view.objects, activeEngine(view)?.status?.snapshots?.[name] !== undefined),
    forbidden: faulted,
  });
}

/** Attached there without a device, and every replica that the engine has is RW: what a revert needs. */
export async function waitUntilBare(
  client: KubeClient,
  subject: Subject,
  options: Timeout & { node: string },
): Promise<void> {
  await waitFor(client, {
    what: `volume ${subject.name} attached to ${options.node} without a frontend`,
    expected: `state attached on ${options.node}, frontend disabled, every replica of the engine RW`,
    sources: sourcesOf(subject),
    until: (view) => bareOn(view, options.node),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs: options.timeoutMs,
  });
}

/** Exported for its tests. */
export function bareOn(view: SubjectView, node: string): Progress<undefined> {
  const [volume] = view.volumes;
  const modes = Object.values(modesOf(view));
  const attached = volume?.status?.state === 'attached' && volume.status.currentNodeID === node;
  const bare = volume?.status?.frontendDisabled === true && (activeEngine(view)?.status?.endpoint ?? '') === '';
  const serving = modes.length === view.replicas.length && modes.every((mode) => mode === 'RW') && modes.length > 0;
  return attached && bare && serving ? met(undefined) : pending(describe(view));
}

/** The engine says that its head goes on from that snapshot. */
export async function waitUntilHeadOn(
  client: KubeClient,
  subject: Subject,
  options: Timeout & { name: string },
): Promise<void> {
  await waitFor(client, {
    what: `the head of volume ${subject.name} on snapshot ${options.name}`,
    expected: `${options.name} as the parent of ${volumeHead} in the engine's status`,
    sources: sourcesOf(subject),
    until: (view) => headOn(view, options.name),
    forbidden: faulted,
    timeoutMs: options.timeoutMs,
  });
}

/** Exported for its tests. */
export function headOn(view: SubjectView, name: string): Progress<undefined> {
  const parent = activeEngine(view)?.status?.snapshots?.[volumeHead]?.parent ?? '';
  return parent === name ? met(undefined) : pending(`the head is on ${parent === '' ? 'no snapshot' : parent}`);
}

/** Attached there with its device, and that replica alone answers. */
export async function waitUntilServedBy(
  client: KubeClient,
  subject: Subject,
  options: Timeout & { node: string; replica: string; signal?: AbortSignal },
): Promise<SubjectView> {
  const { node, replica, timeoutMs, signal } = options;
  return waitFor(client, {
    what: `volume ${subject.name} on ${node} with replica ${replica} alone`,
    expected: `state attached on ${node}, a device, replicaModeMap {${replica}=RW}`,
    sources: sourcesOf(subject),
    until: (view) => servedBy(view, { node, replica }),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Exported for its tests. */
export function servedBy(view: SubjectView, wanted: { node: string; replica: string }): Progress<SubjectView> {
  const [volume] = view.volumes;
  const modes = modesOf(view);
  const attached = volume?.status?.state === 'attached' && volume.status.currentNodeID === wanted.node;
  const alone = Object.keys(modes).length === 1 && modes[wanted.replica] === 'RW';
  return attached && hasDevice(view) && alone ? met(view) : pending(describe(view));
}
