import type { Engine } from '../model/engine.ts';
import { setFailedAt } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import { findDisk, isDiskReady } from '../node/disks.ts';
import { replicaList } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

// Replicas that failed within this time of the last one are brought back together.
const salvageWindowMs = 60_000;

export type SalvageOutcome = 'continue' | 'stop';

/**
 * The faulted case: no usable replica is left. After the detach, replicas that failed last are tried again.
 * Source: longhorn-manager:controller/volume_controller.go ReconcileVolumeState@v1.11.3.
 */
export function handleFaulted(pass: VolumePass, engine: Engine): SalvageOutcome {
  const { cluster, recorder, volume } = pass;
  const status = volume.status;
  if (engine.spec.salvageRequested && engine.status?.salvageExecuted === true) engine.spec.salvageRequested = false;
  if (isSalvageNeeded(replicaList(pass))) {
    status.robustness = 'faulted';
    if (!cluster.settings.flag('auto-salvage')) return 'continue';
    engine.spec.salvageRequested = true;
    return status.state === 'detached' && salvage(pass) ? 'stop' : 'continue';
  }
  if (status.robustness === 'faulted' && status.state === 'detached') {
    status.robustness = 'unknown';
    requestRemount(pass, '');
    return 'stop';
  }
  if (engine.status?.currentState === 'error') {
    const wanted = volume.spec.nodeID ?? '';
    if (status.currentNodeID !== '' || (wanted !== '' && status.state !== 'attached')) {
      const message = `Engine of volume ${volume.metadata.name} dead unexpectedly, setting v.Status.Robustness to faulted`;
      recorder.warning(volume, 'DetachedUnexpectedly', message);
      engine.spec.logRequested = true;
      status.robustness = 'faulted';
    }
  }
  return 'continue';
}

/** No healthy and active replica, and at least one that failed. */
function isSalvageNeeded(replicas: readonly Replica[]): boolean {
  const healthy = replicas.some((replica) => replica.spec.failedAt === '' && replica.spec.healthyAt !== '');
  const failed = replicas.some((replica) => replica.spec.failedAt !== '');
  const attaching = replicas.some((replica) => replica.spec.failedAt === '' && replica.spec.healthyAt === '');
  const everHealthy = replicas.some((replica) => replica.spec.healthyAt !== '');
  return !healthy && failed && (everHealthy || !attaching);
}

function salvage(pass: VolumePass): boolean {
  const { cluster, recorder, volume } = pass;
  const usable = replicaList(pass).filter((replica) => {
    const disk = findDisk(cluster, replica.spec.diskID);
    return replica.spec.healthyAt !== '' && disk !== undefined && isDiskReady(disk);
  });
  const lastFailure = Math.max(...usable.map((replica) => Date.parse(replica.spec.failedAt)));
  const together = usable.filter((replica) => lastFailure - Date.parse(replica.spec.failedAt) <= salvageWindowMs);
  for (const replica of together) {
    setFailedAt(replica, '');
    const message = `Replica ${replica.metadata.name} of volume ${volume.metadata.name} will be automatically salvaged`;
    recorder.warning(volume, 'AutoSalvaged', message);
  }
  if (together.length === 0) return false;
  requestRemount(pass, ' after automatically salvaging replicas');
  volume.status.robustness = 'unknown';
  return true;
}

function requestRemount(pass: VolumePass, why: string): void {
  const { recorder, volume, now } = pass;
  volume.status.remountRequestedAt = now;
  recorder.normal(volume, 'Remount', `Volume ${volume.metadata.name} requested remount at ${now}${why}`);
}
