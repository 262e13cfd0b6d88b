import { isManagerRunning } from '../instance/instance-state.ts';
import type { Engine } from '../model/engine.ts';
import { setFailedAt } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import {
  isPotentiallyReusable,
  maxRebuildRetries,
  scheduleReplica,
  secondsUntilNewReplica,
} from '../scheduler/replica-scheduler.ts';
import { isFastRebuildEnabled } from '../settings/settings.ts';
import { createReplica } from './creation.ts';
import { replicaList, setVolumeCondition } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

/**
 * Brings the number of usable replicas to what the volume asks for: one at a time, and only when the engine knows
 * exactly the replicas that the spec names.
 * Source: longhorn-manager:controller/volume_controller.go replenishReplicas@v1.11.3.
 */
export function replenishReplicas(pass: VolumePass): void {
  const { cluster, engine, volume } = pass;
  if (cluster.settings.number('concurrent-replica-rebuild-per-node-limit') === 0) return;
  if (volume.status.state !== 'attached' || engine === undefined) return;
  if (!isEngineInStep(engine, replicaList(pass)) || rebuildingCount(engine) !== 0) return;
  if (missingReplicas(pass) <= 0) return;
  const reused = reusableReplica(pass);
  if (reused !== undefined) {
    setFailedAt(reused, '');
    reused.spec.healthyAt = '';
    reused.spec.rebuildRetryCount += 1;
    return;
  }
  const wait = secondsUntilNewReplica(cluster, {
    volume,
    replicas: replicaList(pass),
    fastRebuild: isFastRebuildEnabled(cluster.settings, volume.spec.dataEngine),
    nowMs: Date.now(),
  });
  if (wait > 0) {
    pass.requeueAfter(wait);
    return;
  }
  createOneMore(pass, engine);
}

function createOneMore(pass: VolumePass, engine: Engine): void {
  const { cluster, volume } = pass;
  const replicas = replicaList(pass);
  const probe = replicas[0];
  if (probe !== undefined) {
    const trial = structuredClone(probe);
    trial.metadata.name = '';
    trial.spec.hardNodeAffinity = '';
    const scheduling = scheduleReplica(cluster, { volume, replica: trial, replicas });
    if (scheduling.kind === 'refused') {
      const message = `precheck new replica failed: ${scheduling.reasons.join(';')}`;
      setVolumeCondition(pass, 'Scheduled', 'False', 'ReplicaSchedulingFailure', message);
      pass.requeueAfter(30);
      return;
    }
  }
  createReplica(pass, { engine, rebuildRetryCount: maxRebuildRetries });
}

/** Source: longhorn-manager:controller/volume_controller.go hasEngineStatusSynced@v1.11.3. */
function isEngineInStep(engine: Engine, replicas: readonly Replica[]): boolean {
  const connected = replicas.filter(
    (replica) => replica.spec.failedAt === '' && replica.spec.nodeID !== '' && replica.spec.active,
  ).length;
  const wanted = Object.keys(engine.spec.replicaAddressMap);
  const modes = engine.status?.replicaModeMap ?? {};
  if (wanted.length !== connected || wanted.length !== Object.keys(modes).length) return false;
  return wanted.every((name) => modes[name] !== undefined && modes[name] !== 'ERR');
}

/** Replicas that are being rebuilt (WO) or about to be (in the address map, not in the mode map). */
function rebuildingCount(engine: Engine): number {
  const modes = engine.status?.replicaModeMap ?? {};
  const writing = Object.values(modes).filter((mode) => mode === 'WO').length;
  const coming = Object.keys(engine.status?.currentReplicaAddressMap ?? {}).filter((name) => modes[name] === undefined);
  return writing + coming.length;
}

export function missingReplicas(pass: VolumePass): number {
  const usable = replicaList(pass).filter((replica) => replica.spec.failedAt === '').length;
  return Math.max(0, pass.volume.spec.numberOfReplicas - usable);
}

function reusableReplica(pass: VolumePass): Replica | undefined {
  const { cluster, volume } = pass;
  if (volume.spec.dataEngine === 'v2' && !isFastRebuildEnabled(cluster.settings, 'v2')) return undefined;
  return replicaList(pass).find(
    (replica) =>
      isPotentiallyReusable(replica) &&
      replica.status?.currentState === 'stopped' &&
      isManagerRunning(cluster, replica.spec),
  );
}
