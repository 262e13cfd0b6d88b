import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Engine, EngineSnapshot } from '../model/engine.ts';
import { isTerminating } from '../model/replica.ts';
import type { Snapshot, Volume } from '../model/volume.ts';

const retrySeconds = 2;

interface SnapshotWork {
  cluster: LonghornCluster;
  recorder: EventRecorder;
  controller: Controller;
  refreshEngine: (engine: string) => Promise<void>;
}

/** Takes, deletes and describes snapshots. Source: longhorn-manager:controller/snapshot_controller.go@v1.11.3. */
export function startSnapshotController(
  cluster: LonghornCluster,
  refreshEngine: (engine: string) => Promise<void>,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-snapshot-controller');
  const controller: Controller = createController({
    name: 'longhorn-snapshot',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncSnapshot({ cluster, recorder, controller, refreshEngine }, name),
  });
  cluster.store.watch(cluster.snapshots.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  cluster.store.watch(cluster.engines.resource, (event) => {
    const volume = event.object.metadata.labels?.[labelKeys.volume] ?? '';
    for (const snapshot of cluster.snapshots.list({ [labelKeys.volume]: volume })) {
      controller.enqueue(snapshot.metadata.name);
    }
  });
  return controller;
}

async function syncSnapshot(work: SnapshotWork, name: string): Promise<void> {
  const { cluster } = work;
  const snapshot = cluster.snapshots.get(name);
  if (snapshot === undefined) return;
  const volume = cluster.volumes.get(snapshot.spec.volume);
  if (volume === undefined || isTerminating(volume)) {
    if (isTerminating(snapshot)) cluster.snapshots.removeFinalizer(name);
    return;
  }
  const engine = cluster.enginesOf(volume.metadata.name)[0];
  if (engine === undefined) return;
  const present = engine.status?.snapshots?.[name];
  if (isTerminating(snapshot)) {
    await removeSnapshot(work, snapshot, volume, engine, present);
    return;
  }
  const requested = snapshot.spec.createSnapshot && (snapshot.status?.creationTime ?? '') === '';
  if (present === undefined && requested) {
    await takeSnapshot(work, snapshot, volume, engine);
    return;
  }
  if (present !== undefined) describe(work, snapshot, volume, present);
  dropTicket(cluster, snapshot);
}

async function takeSnapshot(work: SnapshotWork, snapshot: Snapshot, volume: Volume, engine: Engine): Promise<void> {
  const { cluster, recorder } = work;
  const name = snapshot.metadata.name;
  if (!holdsVolume(cluster, snapshot, volume, engine)) {
    work.controller.enqueueAfter(name, retrySeconds);
    return;
  }
  if ((snapshot.status?.requestedTime ?? '') !== '') return;
  const requestedTime = cluster.clock.timestamp();
  const node = cluster.dataPlane.node(engine.spec.nodeID);
  try {
    await node.engineSnapshotCreate({ engineName: engine.metadata.name, snapshotName: name, userCreated: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    cluster.snapshots.changeStatus(name, (draft) => {
      draft.status = { ...newStatus(''), ...draft.status, error: message };
    });
    recorder.warning(snapshot, 'Failed', message);
    throw error;
  }
  cluster.snapshots.changeStatus(name, (draft) => {
    draft.status = { ...newStatus(''), ...draft.status, requestedTime };
  });
  await work.refreshEngine(engine.metadata.name);
}

async function removeSnapshot(
  work: SnapshotWork,
  snapshot: Snapshot,
  volume: Volume,
  engine: Engine,
  present: EngineSnapshot | undefined,
): Promise<void> {
  const { cluster } = work;
  const name = snapshot.metadata.name;
  if (present === undefined) {
    dropTicket(cluster, snapshot);
    cluster.snapshots.removeFinalizer(name);
    return;
  }
  if (!holdsVolume(cluster, snapshot, volume, engine)) {
    work.controller.enqueueAfter(name, retrySeconds);
    return;
  }
  const node = cluster.dataPlane.node(engine.spec.nodeID);
  await node.engineSnapshotDelete({ engineName: engine.metadata.name, snapshotName: name });
  // What is deleted comes down into the child, whose checksum is void then.
  for (const child of Object.keys(snapshot.status?.children ?? {})) {
    if ((cluster.snapshots.get(child)?.status?.checksum ?? '') === '') continue;
    cluster.snapshots.changeStatus(child, (draft) => {
      if (draft.status !== undefined) draft.status.checksum = '';
    });
  }
  await work.refreshEngine(engine.metadata.name);
}

/** Keeps the volume attached while a snapshot is worked on; true once it is. */
function holdsVolume(cluster: LonghornCluster, snapshot: Snapshot, volume: Volume, engine: Engine): boolean {
  const id = ticketId(snapshot);
  const nodeID = volume.status?.currentNodeID === '' ? volume.status.ownerID : (volume.status?.currentNodeID ?? '');
  cluster.attachments.change(volume.metadata.name, (draft) => {
    draft.spec.attachmentTickets[id] ??= {
      id,
      type: 'snapshot-controller',
      nodeID,
      parameters: { disableFrontend: 'any' },
      generation: 0,
    };
  });
  return volume.status?.state === 'attached' && engine.status?.currentState === 'running';
}

function dropTicket(cluster: LonghornCluster, snapshot: Snapshot): void {
  const id = ticketId(snapshot);
  if (cluster.attachments.get(snapshot.spec.volume)?.spec.attachmentTickets[id] === undefined) return;
  cluster.attachments.change(snapshot.spec.volume, (draft) => {
    const { [id]: _gone, ...rest } = draft.spec.attachmentTickets;
    draft.spec.attachmentTickets = rest;
  });
}

function ticketId(snapshot: Snapshot): string {
  return `snapshot-controller-${snapshot.metadata.name}`;
}

function describe(work: SnapshotWork, snapshot: Snapshot, volume: Volume, present: EngineSnapshot): void {
  const { cluster, recorder } = work;
  const wasReady = snapshot.status?.readyToUse === true;
  cluster.snapshots.changeStatus(snapshot.metadata.name, (draft) => {
    const { error: _error, ...before } = { ...newStatus(present.created), ...draft.status };
    draft.status = {
      ...before,
      parent: present.parent,
      children: present.children,
      markRemoved: present.removed,
      userCreated: present.usercreated,
      creationTime: present.created,
      size: Number(present.size),
      labels: present.labels,
      restoreSize: Number(volume.spec.size),
      readyToUse: !present.removed,
    };
  });
  if (wasReady) return;
  if (snapshot.spec.createSnapshot) recorder.normal(snapshot, 'Create', 'successfully provisioned the snapshot');
  recorder.normal(snapshot, 'Update', 'snapshot becomes ready to use');
}

function newStatus(requestedTime: string): NonNullable<Snapshot['status']> {
  return {
    parent: '',
    children: null,
    markRemoved: false,
    userCreated: false,
    creationTime: '',
    requestedTime,
    size: 0,
    labels: null,
    ownerID: '',
    restoreSize: 0,
    readyToUse: false,
    checksum: '',
  };
}
