import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { isTerminating } from '../model/replica.ts';
import type { Volume } from '../model/volume.ts';

/**
 * Takes a deleted volume apart: snapshots, frontends and engines, then (for V2, to spare the RAID) replicas once no engine is
 * left, PV, PVC and attachment, and last the finalizer.
 * Source: longhorn-manager:controller/volume_controller.go syncVolume@v1.11.3.
 */
export function deleteVolume(cluster: LonghornCluster, recorder: EventRecorder, volume: Volume): void {
  const name = volume.metadata.name;
  if (volume.status?.state !== 'deleting') {
    cluster.volumes.changeStatus(name, (draft) => {
      if (draft.status !== undefined) draft.status.state = 'deleting';
    });
    recorder.normal(volume, 'Delete', `Deleting volume ${name}`);
  }
  for (const snapshot of cluster.snapshots.list({ [labelKeys.volume]: name })) {
    if (!isTerminating(snapshot)) cluster.snapshots.delete(snapshot.metadata.name);
  }
  for (const frontend of cluster.engineFrontendsOf(name)) {
    if (!isTerminating(frontend)) cluster.engineFrontends?.delete(frontend.metadata.name);
  }
  // Each layer goes before the one below it.
  if (cluster.engineFrontendsOf(name).length > 0) return;
  for (const engine of cluster.enginesOf(name)) {
    if (!isTerminating(engine)) cluster.engines.delete(engine.metadata.name);
  }
  const anyReplicaGoing = cluster.replicasOf(name).some(isTerminating);
  if (volume.spec.dataEngine === 'v2' && cluster.enginesOf(name).length > 0 && !anyReplicaGoing) return;
  for (const replica of cluster.replicasOf(name)) {
    if (!isTerminating(replica)) cluster.replicas.delete(replica.metadata.name);
  }
  deleteClaims(cluster, volume);
  const attachment = cluster.attachments.get(name);
  if (attachment !== undefined && !isTerminating(attachment)) cluster.attachments.delete(name);
  if (cluster.enginesOf(name).length > 0 || cluster.replicasOf(name).length > 0) return;
  cluster.volumes.removeFinalizer(name);
}

function deleteClaims(cluster: LonghornCluster, volume: Volume): void {
  const kube = volume.status?.kubernetesStatus;
  if (kube === undefined) return;
  if (kube.pvName !== '') cluster.store.delete({ resource: 'persistentvolumes', name: kube.pvName });
  if (kube.pvcName !== '' && kube.lastPVCRefAt === '') {
    cluster.store.delete({ resource: 'persistentvolumeclaims', namespace: kube.namespace, name: kube.pvcName });
  }
}
