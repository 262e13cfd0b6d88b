import { scheduleReplica } from '../scheduler/replica-scheduler.ts';
import { conditionOf } from '../model/condition.ts';
import { missingReplicas } from './replenishment.ts';
import { replicaList, setVolumeCondition } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

const retrySeconds = 30;
const degradedCreation = 'Reset schedulable due to allow volume creation with degraded availability';

/**
 * Gives each replica without a place a node and a disk, and sets the conditions Scheduled and TooManySnapshots.
 * Source: longhorn-manager:controller/volume_controller.go reconcileVolumeCondition@v1.11.3.
 */
export function placeReplicas(pass: VolumePass): void {
  const { cluster, volume } = pass;
  const snapshotCount = Object.keys(pass.engine?.status?.snapshots ?? {}).length - 1;
  const setting = 'snapshot-count-warning-threshold';
  const threshold = cluster.settings.definitions.has(setting) ? cluster.settings.number(setting) : 100;
  if (snapshotCount > threshold) {
    const message = `Snapshots count is ${String(snapshotCount)} over the warning threshold ${String(threshold)}`;
    setVolumeCondition(pass, 'TooManySnapshots', 'True', 'TooManySnapshots', message);
  } else setVolumeCondition(pass, 'TooManySnapshots', 'False');

  const refusals: string[] = [];
  for (const replica of replicaList(pass)) {
    if (replica.spec.nodeID !== '') continue;
    if (volume.spec.dataLocality !== 'disabled' && (volume.spec.nodeID ?? '') === '') continue;
    if (volume.spec.dataLocality === 'strict-local') replica.spec.hardNodeAffinity = volume.spec.nodeID ?? '';
    const scheduling = scheduleReplica(cluster, { volume, replica, replicas: replicaList(pass) });
    if (scheduling.kind === 'refused') {
      refusals.push(...scheduling.reasons);
      continue;
    }
    const { disk } = scheduling;
    replica.spec.nodeID = disk.node.metadata.name;
    replica.spec.diskID = disk.status.diskUUID;
    replica.spec.diskPath = disk.status.diskPath;
    replica.spec.dataDirectoryName = `${volume.metadata.name}-${cluster.names.hex(`data/${replica.metadata.name}`, 8)}`;
  }
  setScheduledCondition(pass, refusals);
}

function setScheduledCondition(pass: VolumePass, refusals: readonly string[]): void {
  const { cluster, volume } = pass;
  const complete = refusals.length === 0 && pass.replicas.size === volume.spec.numberOfReplicas;
  if (complete && missingReplicas(pass) === 0) {
    setVolumeCondition(pass, 'Scheduled', 'True');
    return;
  }
  const usable = replicaList(pass).some((replica) => replica.spec.nodeID !== '' && replica.spec.failedAt === '');
  const allowDegraded = cluster.settings.flag('allow-volume-creation-with-degraded-availability');
  if (volume.status.currentNodeID === '' && allowDegraded && usable) {
    setVolumeCondition(pass, 'Scheduled', 'True', '', degradedCreation);
    return;
  }
  if (refusals.length > 0) {
    const message = [...new Set(refusals)].join(';');
    setVolumeCondition(pass, 'Scheduled', 'False', 'ReplicaSchedulingFailure', message);
    pass.requeueAfter(retrySeconds);
    return;
  }
  const old = conditionOf(volume.status.conditions, 'Scheduled');
  if (old?.status === 'False' && old.message === '') {
    const message = `failed to schedule volume ${volume.metadata.name}, no replica scheduled`;
    setVolumeCondition(pass, 'Scheduled', 'False', old.reason, message);
  }
}
