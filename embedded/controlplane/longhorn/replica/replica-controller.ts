import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import { isLinkedClone } from '../clone/linked-clone.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { watchManagerStates } from '../instance-manager/manager-state.ts';
import {
  instanceOwner,
  isManagerRunning,
  managerOf,
  markError,
  markRunning,
  markStopped,
} from '../instance/instance-state.ts';
import { withCondition } from '../model/condition.ts';
import type { Condition } from '../model/condition.ts';
import { newInstanceStatus } from '../model/instance.ts';
import type { InstanceStatus } from '../model/instance.ts';
import { isRebuilding, isTerminating } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import { backingImageOnDisk } from './backing-image-wait.ts';

// What the instance manager and SPDK take, of Longhorn's time.
const startSeconds = 0.3;
const stopSeconds = 0.3;
const wipeSeconds = 1;

interface ReplicaWork {
  cluster: LonghornCluster;
  recorder: EventRecorder;
  controller: Controller;
}

/** Runs, stops and removes replica instances. Source: longhorn-manager:controller/replica_controller.go. */
export function startReplicaController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-replica-controller');
  const controller: Controller = createController({
    name: 'longhorn-replica',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncReplica({ cluster, recorder, controller }, name),
  });
  cluster.store.watch(cluster.replicas.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  watchManagerStates(cluster, ({ metadata }) => {
    for (const replica of cluster.replicas.list()) {
      if (managerOf(cluster, replica.spec) === metadata.name) controller.enqueue(replica.metadata.name);
    }
  });
  // A copy that became ready lets the replicas start that wait for it.
  cluster.store.watch(cluster.backingImages.resource, (event) => {
    for (const replica of cluster.replicas.list({ [labelKeys.backingImage]: event.object.metadata.name })) {
      const waits = replica.spec.desireState === 'running' && replica.status?.currentState === 'stopped';
      if (waits) controller.enqueue(replica.metadata.name);
    }
  });
  return controller;
}

async function syncReplica(work: ReplicaWork, name: string): Promise<void> {
  const { cluster } = work;
  const replica = cluster.replicas.get(name);
  if (replica === undefined) return;
  const owner = instanceOwner(cluster, replica.spec, replica.status);
  if (replica.status === undefined || replica.status.ownerID !== owner) {
    cluster.replicas.changeStatus(name, (draft) => {
      draft.status = { ...(draft.status ?? newReplicaStatus(owner)), ownerID: owner };
    });
    return;
  }
  if (isTerminating(replica)) {
    await removeReplica(cluster, replica);
    return;
  }
  const state = replica.status.currentState;
  if (state === '') {
    cluster.replicas.changeStatus(name, (draft) => {
      if (draft.status !== undefined) markStopped(draft.status, cluster.clock.timestamp());
    });
  } else if (replica.spec.desireState === 'running' && state === 'stopped') await startReplica(work, replica);
  else if (replica.spec.desireState === 'stopped' && state !== 'stopped') await stopReplica(work, replica);
}

async function removeReplica(cluster: LonghornCluster, replica: Replica): Promise<void> {
  const name = replica.metadata.name;
  if (replica.spec.nodeID !== '' && replica.spec.dataEngine === 'v2') {
    await cluster.clock.sleep(wipeSeconds, cluster.signal);
    await cluster.dataPlane.node(replica.spec.nodeID).replicaDelete({ name, cleanupRequired: true });
  }
  cluster.replicas.removeFinalizer(name);
}

async function startReplica(work: ReplicaWork, replica: Replica): Promise<void> {
  const { cluster, recorder } = work;
  const name = replica.metadata.name;
  if (replica.spec.dataEngine === 'v1') {
    setCondition(cluster, name, 'InstanceCreation', 'False', '', 'this cluster has no v1 data plane');
    return;
  }
  if (isRebuilding(replica) && !mayStartRebuilding(cluster, replica)) {
    work.controller.enqueueAfter(name, 5);
    return;
  }
  if (awaitsSourceReplica(cluster, replica) || !isManagerRunning(cluster, replica.spec)) return;
  recorder.normal(replica, 'Start', `Starts ${name}`);
  const image = backingImageOnDisk(cluster, replica);
  if (image.kind !== 'ready') {
    const reason = image.kind === 'waiting' ? 'Waiting' : 'GetBackingImageFailed';
    setCondition(cluster, name, 'WaitForBackingImage', 'True', reason, image.kind === 'failed' ? image.message : '');
    return;
  }
  if (replica.spec.backingImage !== '') setCondition(cluster, name, 'WaitForBackingImage', 'False', '', '');
  cluster.replicas.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    draft.status.instanceManagerName = managerOf(cluster, draft.spec);
    draft.status.starting = true;
  });
  await cluster.clock.sleep(startSeconds, cluster.signal);
  const info = await cluster.dataPlane.node(replica.spec.nodeID).replicaCreate({
    name,
    lvstoreUuid: replica.spec.diskID,
    specSizeBytes: Number(replica.spec.volumeSize),
    ...(replica.spec.backingImage === '' ? {} : { backingImageName: replica.spec.backingImage }),
  });
  const uuid = cluster.names.uuid(`instance/${name}`);
  cluster.replicas.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    // A replica whose chain is not what it should be comes up in error.
    if (info.state === 'error') markError(draft.status);
    else markRunning(draft.status, { image: draft.spec.image, ip: info.ip, port: info.port, uuid });
  });
}

async function stopReplica(work: ReplicaWork, replica: Replica): Promise<void> {
  const { cluster, recorder } = work;
  const name = replica.metadata.name;
  recorder.normal(replica, 'Stop', `Stops ${name}`);
  cluster.replicas.changeStatus(name, (draft) => {
    if (draft.status !== undefined) draft.status.started = false;
  });
  await cluster.clock.sleep(stopSeconds, cluster.signal);
  if (replica.spec.nodeID !== '' && replica.spec.dataEngine === 'v2') {
    await cluster.dataPlane.node(replica.spec.nodeID).replicaDelete({ name, cleanupRequired: false });
  }
  cluster.replicas.changeStatus(name, (draft) => {
    if (draft.status !== undefined) markStopped(draft.status, cluster.clock.timestamp());
  });
}

/** A replica of a linked clone starts when it is known what it hangs on. Source: CreateInstance@v1.12.1. */
function awaitsSourceReplica(cluster: LonghornCluster, replica: Replica): boolean {
  const volume = cluster.volumes.get(replica.spec.volumeName);
  return volume !== undefined && isLinkedClone(volume) && (replica.spec.linkedCloneSrcReplicaName ?? '') === '';
}

function setCondition(
  cluster: LonghornCluster,
  name: string,
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
): void {
  cluster.replicas.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    const change = { type, status, reason, message, now: cluster.clock.timestamp() };
    draft.status.conditions = withCondition(draft.status.conditions, change);
  });
}

/** At most so many rebuilding replicas run on a node. Source: replica_controller.go CanStartRebuildingReplica. */
function mayStartRebuilding(cluster: LonghornCluster, replica: Replica): boolean {
  const limit = cluster.settings.number('concurrent-replica-rebuild-per-node-limit');
  if (limit < 1) return true;
  const others = cluster.replicas
    .list({ [labelKeys.node]: replica.spec.nodeID })
    .filter((other) => other.metadata.name !== replica.metadata.name && isRebuilding(other))
    .filter((other) => other.status?.currentState === 'running' || other.status?.starting === true);
  return others.length < limit;
}

/** The deprecated field is gone since 1.10.0: longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/replica.go@v1.9.2. */
function newReplicaStatus(ownerID: string): InstanceStatus & { evictionRequested: boolean } {
  return { ...newInstanceStatus(ownerID), evictionRequested: false };
}
