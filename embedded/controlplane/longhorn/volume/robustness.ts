import type { Replica } from '../model/replica.ts';
import { setFailedAt } from '../model/replica.ts';
import { conditionOf } from '../model/condition.ts';
import { unknownReplicaPrefix } from '../model/engine.ts';
import type { Engine, EngineStatus } from '../model/engine.ts';
import { replenishReplicas } from './replenishment.ts';
import { replicaList, setVolumeCondition } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

/**
 * Computes robustness from the engine's mode map, marks replicas healthy or failed, and replenishes.
 * Source: longhorn-manager:controller/volume_controller.go ReconcileEngineReplicaState@v1.11.3.
 */
export function reconcileRobustness(pass: VolumePass): void {
  aggregateWaitForBackingImage(pass);
  judge(pass);
  if (pass.volume.status.robustness !== 'degraded') pass.volume.status.lastDegradedAt = '';
}

function aggregateWaitForBackingImage(pass: VolumePass): void {
  const waiting = replicaList(pass)
    .map((replica) => conditionOf(replica.status?.conditions, 'WaitForBackingImage'))
    .filter((condition) => condition?.status === 'True');
  const failed = waiting.filter((condition) => condition?.reason === 'GetBackingImageFailed');
  if (waiting.length === 0) setVolumeCondition(pass, 'WaitForBackingImage', 'False');
  else if (failed.length === 0) setVolumeCondition(pass, 'WaitForBackingImage', 'True', 'Waiting');
  else {
    const message = failed.map((condition) => condition?.message ?? '').join('; ');
    setVolumeCondition(pass, 'WaitForBackingImage', 'True', 'GetBackingImageFailed', message);
  }
}

function judge(pass: VolumePass): void {
  const { engine, volume, recorder } = pass;
  const status = engine?.status;
  if (engine === undefined || status === undefined) return;
  if (status.currentState === 'unknown') {
    if (volume.status.robustness !== 'unknown') {
      volume.status.robustness = 'unknown';
      recorder.warning(volume, 'Unknown', `volume ${volume.metadata.name} robustness is unknown`);
    }
    return;
  }
  if (status.currentState !== 'running') {
    failBrokenReplicas(pass);
    return;
  }
  // Nothing can be said before the monitor has run once.
  if (status.replicaModeMap === null) return;
  const healthyCount = countHealthy(pass, engine, status);
  failBrokenReplicas(pass);
  // The faulted case belongs to the attach/detach state machine.
  if (healthyCount === 0) return;
  const before = volume.status.robustness;
  if (healthyCount >= volume.spec.numberOfReplicas) {
    volume.status.robustness = 'healthy';
    if (before === 'degraded') recorder.normal(volume, 'Healthy', `volume ${volume.metadata.name} became healthy`);
    return;
  }
  volume.status.robustness = 'degraded';
  if (before !== 'degraded') {
    volume.status.lastDegradedAt = pass.now;
    recorder.normal(volume, 'Degraded', `volume ${volume.metadata.name} became degraded`);
  }
  if (volume.spec.size === status.currentSize) replenishReplicas(pass);
}

/** Replicas whose CR still exists and whose mode is RW; a terminating one counts, an unknown address does not. */
function countHealthy(pass: VolumePass, engine: Engine, status: EngineStatus): number {
  let healthyCount = 0;
  const modes = Object.entries(status.replicaModeMap ?? {});
  for (const [name, mode] of modes) {
    const replica = pass.replicas.get(name);
    if (replica === undefined) continue;
    if (mode === 'ERR') {
      if (replica.spec.failedAt === '') fail(pass, replica, engine);
      replica.spec.desireState = 'stopped';
    } else if (mode === 'RW') {
      markHealthy(pass, replica, status.replicaTransitionTimeMap?.[name]);
      healthyCount += 1;
    }
  }
  const allUnknownAndErrored =
    modes.length > 0 && modes.every(([name, mode]) => name.startsWith(unknownReplicaPrefix) && mode === 'ERR');
  if (allUnknownAndErrored) {
    for (const replica of replicaList(pass)) {
      if (replica.spec.failedAt === '') fail(pass, replica, engine);
      replica.spec.desireState = 'stopped';
    }
  }
  return healthyCount;
}

function markHealthy(pass: VolumePass, replica: Replica, transitionTime: string | undefined): void {
  if (replica.spec.healthyAt === '') {
    replica.spec.healthyAt = pass.now;
    replica.spec.rebuildRetryCount = 0;
  }
  const last = replica.spec.lastHealthyAt;
  if (last === '' || transitionTime === undefined || Date.parse(transitionTime) > Date.parse(last)) {
    replica.spec.lastHealthyAt = pass.now;
  }
}

/** A replica that failed while attaching is in no mode map. */
function failBrokenReplicas(pass: VolumePass): void {
  for (const replica of replicaList(pass)) {
    if (replica.spec.failedAt !== '' || replica.status?.currentState !== 'error') continue;
    if (pass.engine !== undefined) fail(pass, replica, pass.engine);
    replica.spec.desireState = 'stopped';
  }
}

function fail(pass: VolumePass, replica: Replica, engine: Engine): void {
  setFailedAt(replica, pass.now);
  replica.spec.logRequested = true;
  engine.spec.logRequested = true;
}
