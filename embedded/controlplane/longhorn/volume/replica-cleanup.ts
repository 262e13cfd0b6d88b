import { isAvailableHealthy, isTerminating } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import { maxRebuildRetries } from '../scheduler/replica-scheduler.ts';
import { deleteReplica, replicaList } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

/**
 * Deletes replicas that are of no more use: failed beyond reuse or too long ago, never scheduled, one too many.
 * Source: longhorn-manager:controller/volume_controller.go cleanupReplicas@v1.11.3.
 */
export function cleanUpReplicas(pass: VolumePass): void {
  const healthy = replicaList(pass).filter(isAvailableHealthy);
  for (const replica of replicaList(pass)) {
    if (isTerminating(replica) || replica.spec.failedAt === '') continue;
    if (isBeyondUse(pass, replica, healthy.length)) deleteReplica(pass, replica);
  }
  const wanted = pass.volume.spec.numberOfReplicas;
  for (const replica of replicaList(pass)) {
    const unplaced = replica.spec.healthyAt === '' && replica.spec.nodeID === '' && !isTerminating(replica);
    if (unplaced && healthy.length >= wanted) deleteReplica(pass, replica);
  }
  if (healthy.length > wanted) {
    const evicted = healthy.find((replica) => replica.spec.evictionRequested);
    const extra = evicted ?? [...healthy].sort(byName)[healthy.length - 1];
    if (extra !== undefined) deleteReplica(pass, extra);
  }
}

function byName(left: Replica, right: Replica): number {
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

function isBeyondUse(pass: VolumePass, replica: Replica, healthyCount: number): boolean {
  const { cluster, volume } = pass;
  // The last data is never thrown away.
  if (healthyCount === 0) return false;
  if (replica.spec.healthyAt === '' && replica.spec.rebuildRetryCount >= maxRebuildRetries) return true;
  const staleMinutes = volume.spec.staleReplicaTimeout ?? 0;
  const failedMinutes = (Date.now() - Date.parse(replica.spec.failedAt)) / 60_000 / cluster.clock.timeScale;
  return staleMinutes > 0 && failedMinutes >= staleMinutes;
}
