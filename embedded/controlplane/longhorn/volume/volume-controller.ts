import { cloneJson } from '../../../apiserver/json.ts';
import { stepClone } from '../clone/clone-step.ts';
import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { watchManagerStates } from '../instance-manager/manager-state.ts';
import { isTerminating } from '../model/replica.ts';
import type { Volume, VolumeStatus } from '../model/volume.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import { stepAttachDetach } from './attach-detach.ts';
import { createEngine, createReplica } from './creation.ts';
import { deleteVolume } from './deletion.ts';
import { createFrontend } from './frontend.ts';
import { completeSpec, createAttachment, hasOfflineRebuilding, newVolumeStatus } from './initial-volume.ts';
import { placeReplicas } from './placement.ts';
import { cleanUpReplicas } from './replica-cleanup.ts';
import { reconcileRobustness } from './robustness.ts';
import { handleFaulted } from './salvage.ts';
import { reconcileSize } from './size.ts';
import { setVolumeCondition, writeBack } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

/** Drives volumes, their engines' and replicas' specs. Source: longhorn-manager:controller/volume_controller.go. */
export function startVolumeController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-volume-controller');
  const controller = createController({
    name: 'longhorn-volume',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync(name) {
      const volume = cluster.volumes.draft(name);
      if (volume === undefined) return;
      if (isTerminating(volume)) deleteVolume(cluster, recorder, volume);
      else syncVolume(cluster, volume, recorder, controller);
    },
  });
  cluster.store.watch(cluster.volumes.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  for (const table of [
    cluster.engines,
    cluster.replicas,
    ...(cluster.engineFrontends === undefined ? [] : [cluster.engineFrontends]),
  ]) {
    cluster.store.watch(table.resource, (event) => {
      const volume = event.object.metadata.labels?.[labelKeys.volume];
      if (volume !== undefined) controller.enqueue(volume);
    });
  }
  cluster.store.watch(cluster.settingObjects.resource, () => {
    for (const volume of cluster.volumes.list()) controller.enqueue(volume.metadata.name);
  });
  watchManagerStates(cluster, () => {
    for (const volume of cluster.volumes.list()) controller.enqueue(volume.metadata.name);
  });
  cluster.store.watch(cluster.nodes.resource, () => {
    for (const volume of cluster.volumes.list()) controller.enqueue(volume.metadata.name);
  });
  return controller;
}

function syncVolume(
  cluster: LonghornCluster,
  volume: Volume,
  recorder: VolumePass['recorder'],
  controller: Controller,
): void {
  const name = volume.metadata.name;
  const owner = ownerOf(cluster, volume);
  if (volume.status === undefined || volume.status.ownerID !== owner) {
    cluster.volumes.changeStatus(name, (draft) => {
      draft.status = draft.status === undefined ? newVolumeStatus(owner) : { ...draft.status, ownerID: owner };
    });
    // The write itself brings the volume back here.
    return;
  }
  createAttachment(cluster, name);
  completeSpec(cluster, name);
  const current = cluster.volumes.draft(name);
  if (current?.status === undefined) return;
  const pass: VolumePass = {
    cluster,
    recorder,
    now: cluster.clock.timestamp(),
    volume: current as Volume & { status: VolumeStatus },
    engine: cluster.enginesOf(name).map((engine) => cloneJson(engine))[0],
    frontend: cluster.engineFrontendsOf(name).map((frontend) => cloneJson(frontend))[0],
    replicas: new Map(cluster.replicasOf(name).map((replica) => [replica.metadata.name, cloneJson(replica)])),
    requeueAfter(seconds) {
      controller.enqueueAfter(name, seconds);
    },
  };
  try {
    if (hasOfflineRebuilding(cluster)) setVolumeCondition(pass, 'OfflineRebuilding', 'False');
    reconcileRobustness(pass);
    reconcileState(pass);
    cleanUpReplicas(pass);
  } finally {
    writeBack(pass);
  }
}

/** Source: longhorn-manager:controller/volume_controller.go ReconcileVolumeState@v1.11.3. */
function reconcileState(pass: VolumePass): void {
  const { cluster, volume } = pass;
  if (volume.status.currentImage === '') volume.status.currentImage = volume.spec.image;
  if (isInVersionRange(cluster.profile.version, '1.12.0..'))
    setVolumeCondition(pass, 'BackingImageIncompatible', 'False');
  const isNewVolume = pass.engine === undefined;
  const engine = (pass.engine ??= createEngine(pass));
  pass.frontend ??= createFrontend(pass, engine);
  if (pass.replicas.size === 0) {
    for (let index = 0; index < volume.spec.numberOfReplicas; index += 1) {
      createReplica(pass, { engine, rebuildRetryCount: 0 });
    }
  }
  placeReplicas(pass);
  stepClone(pass, engine);
  reconcileSize(pass, engine);
  volume.status.frontendDisabled = volume.spec.disableFrontend ?? false;
  if (handleFaulted(pass, engine) === 'stop') return;
  stepAttachDetach(pass, engine, isNewVolume);
}

function ownerOf(cluster: LonghornCluster, volume: Volume): string {
  const wanted = volume.spec.nodeID ?? '';
  if (wanted !== '') return wanted;
  return volume.status?.ownerID ?? cluster.nodes.list()[0]?.metadata.name ?? '';
}
