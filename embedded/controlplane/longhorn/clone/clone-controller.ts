import { ticketsOf } from '../attachment/tickets.ts';
import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { isTerminating } from '../model/replica.ts';
import type { AttachmentTicket, Volume, VolumeAttachment } from '../model/volume.ts';
import { isCopying, isLinkedClone, linkedClonesOf, sourceOf } from './linked-clone.ts';

const ticketType = 'volume-clone-controller';
const retrySeconds = 2;

/**
 * Keeps source and clone attached while data goes over or a linked clone is rebuilt, and begins clones.
 * Sources: longhorn-manager:controller/volume_clone_controller.go, volume_controller.go checkAndInitVolumeClone@v1.12.1.
 */
export function startCloneController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-volume-controller');
  const controller = createController({
    name: 'longhorn-volume-clone',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    async sync(name) {
      const volume = cluster.volumes.get(name);
      if (volume?.status === undefined || isTerminating(volume)) return;
      setTickets(cluster, volume);
      if (await beginClone(cluster, recorder, volume)) controller.enqueueAfter(name, retrySeconds);
    },
  });
  const enqueueWithSource = (volume: Volume | undefined): void => {
    if (volume === undefined) return;
    controller.enqueue(volume.metadata.name);
    const source = sourceOf(volume)?.volume;
    if (source !== undefined) controller.enqueue(source);
  };
  cluster.store.watch(cluster.volumes.resource, (event) => {
    enqueueWithSource(event.object as Volume);
    for (const clone of linkedClonesOf(cluster, event.object.metadata.name)) controller.enqueue(clone.metadata.name);
  });
  cluster.store.watch(cluster.replicas.resource, (event) => {
    enqueueWithSource(cluster.volumes.get(event.object.metadata.labels?.[labelKeys.volume] ?? ''));
  });
  return controller;
}

/** One ticket on the clone and one on its source while data is taken over; one on the source during a rebuild. */
function setTickets(cluster: LonghornCluster, volume: Volume): void {
  const attachment = cluster.attachments.get(volume.metadata.name);
  if (attachment === undefined) return;
  const wanted = new Map<string, string>();
  if (isCopying(volume)) wanted.set(ticketId(volume), 'true');
  for (const other of cluster.volumes.list()) {
    if (isTerminating(other) || sourceOf(other)?.volume !== volume.metadata.name) continue;
    if (isCopying(other) || awaitsLinkedRebuild(cluster, other)) wanted.set(ticketId(other), 'any');
  }
  const tickets = ticketsOf(attachment);
  const surplus = Object.values(tickets).filter(({ id, type }) => type === ticketType && !wanted.has(id));
  const missing = [...wanted].filter(([id]) => tickets[id] === undefined);
  if (surplus.length === 0 && missing.length === 0) return;
  const nodeID = chosenNode(cluster, volume, attachment);
  cluster.attachments.change(volume.metadata.name, (draft) => {
    const kept = Object.entries(ticketsOf(draft)).filter(([id]) => !surplus.some((ticket) => ticket.id === id));
    const added = missing.map(([id, disableFrontend]): [string, AttachmentTicket] => [
      id,
      { id, type: ticketType, nodeID, parameters: { disableFrontend }, generation: 0 },
    ]);
    draft.spec.attachmentTickets = Object.fromEntries([...kept, ...added]);
  });
}

function ticketId(clone: Volume): string {
  return `${ticketType}-${clone.metadata.name}`;
}

function awaitsLinkedRebuild(cluster: LonghornCluster, volume: Volume): boolean {
  if (!isLinkedClone(volume) || isCopying(volume) || volume.status?.state !== 'attached') return false;
  return cluster
    .replicasOf(volume.metadata.name)
    .some(({ spec }) => (spec.linkedCloneSrcReplicaName ?? '') !== '' && spec.healthyAt === '' && spec.failedAt === '');
}

/** Where the volume is, else where somebody wants it, else its owner. */
function chosenNode(cluster: LonghornCluster, volume: Volume, attachment: VolumeAttachment): string {
  const current = volume.status?.currentNodeID ?? '';
  if (current !== '') return current;
  const elsewhere = Object.values(ticketsOf(attachment)).find(({ type }) => type !== ticketType)?.nodeID;
  return elsewhere ?? volume.status?.ownerID ?? cluster.nodes.list()[0]?.metadata.name ?? '';
}

/** Names the snapshot to clone, taking one where none was named; true while it has to be tried again. */
async function beginClone(cluster: LonghornCluster, recorder: EventRecorder, volume: Volume): Promise<boolean> {
  const from = sourceOf(volume);
  if (from === undefined || volume.status?.cloneStatus.state !== '') return false;
  const name = volume.metadata.name;
  const source = cluster.volumes.get(from.volume);
  if (source === undefined) {
    setCloneStatus(cluster, name, { state: 'failed' });
    recorder.warning(volume, 'VolumeCloneFailed', `cannot find the source volume ${from.volume}`);
    return false;
  }
  if (volume.spec.cloneMode !== 'linked-clone' || cluster.profile.linkedClones === 'absent') {
    setCloneStatus(cluster, name, { state: 'failed' });
    recorder.warning(volume, 'VolumeCloneFailed', 'the embedded cluster clones linked only, and only as of 1.12.1');
    return false;
  }
  const engine = cluster.enginesOf(from.volume)[0];
  if (source.status?.state !== 'attached' || engine?.status?.currentState !== 'running') return true;
  let snapshot = from.snapshot;
  if (snapshot === '') {
    snapshot = cluster.names.uuid(`clone-snapshot/${source.metadata.uid}/${volume.metadata.uid}`);
    const node = cluster.dataPlane.node(engine.spec.nodeID);
    if (node.engineGet(engine.metadata.name)?.snapshots[snapshot] === undefined) {
      await node.engineSnapshotCreate({ engineName: engine.metadata.name, snapshotName: snapshot, userCreated: true });
    }
  }
  cluster.volumes.change(name, (draft) => {
    draft.metadata.labels = { ...draft.metadata.labels, [labelKeys.linkedCloneSourceSnapshot]: snapshot };
  });
  setCloneStatus(cluster, name, { state: 'initiated', sourceVolume: from.volume, snapshot, attemptCount: 1 });
  recorder.normal(volume, 'VolumeCloneInitiated', `source volume ${from.volume}, snapshot ${snapshot}`);
  return false;
}

type CloneStatus = NonNullable<Volume['status']>['cloneStatus'];

function setCloneStatus(cluster: LonghornCluster, name: string, change: Partial<CloneStatus>): void {
  cluster.volumes.changeStatus(name, (draft) => {
    if (draft.status !== undefined) draft.status.cloneStatus = { ...draft.status.cloneStatus, ...change };
  });
}
