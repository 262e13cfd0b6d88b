/**
 * The volume under test: found from its claim, adopted, and looked at together with its engine and replicas.
 */
import { Belonging } from '../kubernetes/belonging.ts';
import type { KubeClient } from '../kubernetes/client.ts';
import {
  events,
  persistentVolumeClaims,
  persistentVolumes,
  type PersistentVolumeClaim,
} from '../kubernetes/core-kinds.ts';
import type { Source } from '../kubernetes/informer.ts';
import type { Owned } from '../kubernetes/ownership.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import type { ReplicaPlacement } from '../verdict/events.ts';
import { listDisks, type Disk } from './disks.ts';
import { engines, replicas, volumes, type Engine, type Replica, type Volume } from './kinds.ts';
import { summarizeEngine, summarizeEvent, summarizeReplica, summarizeVolume } from './summaries.ts';

export interface Subject {
  readonly namespace: string;
  readonly name: string;
  readonly volume: Owned<Volume>;
}

/** A volume with what hangs on it, as of one moment or as of a watch. */
export interface SubjectView {
  readonly volumes: readonly Volume[];
  readonly engines: readonly Engine[];
  readonly replicas: readonly Replica[];
}

type SubjectSources = {
  readonly volumes: Source<Volume>;
  readonly engines: Source<Engine>;
  readonly replicas: Source<Replica>;
};

/** Sources of a wait that sees the volume, its engine and its replicas. */
export function sourcesOf(subject: { namespace: string; name: string }): SubjectSources {
  const { namespace, name } = subject;
  const labelSelector = `longhornvolume=${name}`;
  return {
    volumes: { kind: volumes, namespace, name, summarize: summarizeVolume },
    engines: { kind: engines, namespace, labelSelector, summarize: summarizeEngine },
    replicas: { kind: replicas, namespace, labelSelector, summarize: summarizeReplica },
  };
}

/** The events that Longhorn records about an engine, for the timeline. */
export function engineEventsOf(subject: Subject, engine: string): Source<ReturnType<typeof events.parse>> {
  return {
    kind: events,
    namespace: subject.namespace,
    fieldSelector: `involvedObject.name=${engine}`,
    summarize: summarizeEvent,
  };
}

/** Waits for the claim's volume and makes it ours, so that its replicas may be deleted. */
export async function adoptSubject(
  client: KubeClient,
  claim: Owned<PersistentVolumeClaim>,
  options: { longhornNamespace: string; timeoutMs: number },
): Promise<Subject> {
  const volumeName = await waitFor(client, {
    what: `${claim.toString()} bound`,
    expected: 'phase Bound and a volumeName',
    sources: { claims: { kind: persistentVolumeClaims, ...claim.ref } },
    until: ({ claims: [found] }) => {
      const name = found?.spec.volumeName ?? '';
      return found?.status?.phase === 'Bound' && name !== '' ? met(name) : pending(found?.status?.phase ?? 'absent');
    },
    timeoutMs: options.timeoutMs,
  });
  const persistentVolume = await client.get(persistentVolumes, { name: volumeName });
  const ownedVolume = await client.adopt(claim, Belonging.byClaim, persistentVolumes, persistentVolume);
  const name = persistentVolume.spec.csi?.volumeHandle ?? '';
  const namespace = options.longhornNamespace;
  const volume = await client.get(volumes, { namespace, name });
  return { namespace, name, volume: await client.adopt(ownedVolume, Belonging.byVolumeHandle, volumes, volume) };
}

export async function readSubject(client: KubeClient, subject: Subject): Promise<SubjectView> {
  const { namespace, name } = subject;
  const labelSelector = `longhornvolume=${name}`;
  const [volume, engineList, replicaList] = await Promise.all([
    client.get(volumes, { namespace, name }),
    client.list(engines, { namespace, labelSelector }),
    client.list(replicas, { namespace, labelSelector }),
  ]);
  return { volumes: [volume], engines: engineList.items, replicas: replicaList.items };
}

/** Where each replica is, sorted by name. Terminating ones are left out. */
export function placementsOf(view: SubjectView, disks: readonly Disk[]): ReplicaPlacement[] {
  return livingReplicas(view).map((replica) => placementOf(replica, disks));
}

export function placementOf(replica: Replica, disks: readonly Disk[]): ReplicaPlacement {
  const diskUuid = replica.spec.diskID ?? '';
  const disk = disks.find(({ uuid }) => uuid === diskUuid);
  return {
    replica: replica.metadata.name,
    nodeId: replica.spec.nodeID ?? '',
    diskUuid,
    ...(disk === undefined ? {} : { diskName: disk.name }),
  };
}

export async function readPlacements(client: KubeClient, subject: Subject): Promise<ReplicaPlacement[]> {
  const [view, disks] = await Promise.all([readSubject(client, subject), listDisks(client, subject.namespace)]);
  return placementsOf(view, disks);
}

export function livingReplicas(view: SubjectView): readonly Replica[] {
  return view.replicas
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The engine that serves the volume. There is one, unless a migration is going on. */
export function activeEngine(view: SubjectView): Engine | undefined {
  return view.engines.find(({ spec }) => spec.active !== false);
}

/**
 * Up to 1.11 the engine tells its device. From 1.12.0 on an EngineFrontend has it, and no V2 volume that wants one is
 * `attached` before (longhorn-manager:controller/volume_controller.go areVolumeDependentResourcesOpened@v1.12.1).
 */
export function hasDevice(view: SubjectView): boolean {
  if ((activeEngine(view)?.status?.endpoint ?? '') !== '') return true;
  const [volume] = view.volumes;
  const { state, currentEngineNodeID, frontendDisabled } = volume?.status ?? {};
  return (
    volume?.spec.dataEngine === 'v2' &&
    currentEngineNodeID !== undefined &&
    state === 'attached' &&
    frontendDisabled !== true
  );
}

/** The engine's replicas and their modes; empty until its monitor ran, and after a detach. */
export function modesOf(view: SubjectView): Readonly<Record<string, string>> {
  return activeEngine(view)?.status?.replicaModeMap ?? {};
}
