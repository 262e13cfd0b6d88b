import { isInVersionRange } from '../../../versions/profile.ts';
import type { PersistentVolumeClaim } from '../../kubernetes/objects/storage.ts';
import { parseQuantity } from '../../kubernetes/storage/quantity.ts';
import { isDataComplete } from '../clone/linked-clone.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { conditionOf } from '../model/condition.ts';
import type { Volume } from '../model/volume.ts';
import { invalid } from './denial.ts';

/**
 * When a volume may get another size: never a smaller one, and where a claim uses it only after the claim asks for as much.
 * Source: longhorn-manager:webhook/resources/volume/validator.go validateExpansionSize@v1.8.0, v1.9.2, v1.11.3.
 */
export function checkExpansion(cluster: LonghornCluster, volume: Volume, old: Volume): void {
  if (volume.spec.size === old.spec.size) return;
  const complaint = complaintAbout(cluster, volume, old);
  if (complaint === undefined) return;
  throw invalid(complaint, isInVersionRange(cluster.profile.version, '1.10.0..') ? 'spec.size' : '');
}

function complaintAbout(cluster: LonghornCluster, volume: Volume, old: Volume): string | undefined {
  const { name } = old.metadata;
  const [from, to] = [Number(old.spec.size), Number(volume.spec.size)];
  if (to < from && volume.status?.expansionRequired !== true) {
    return `shrinking volume ${name} size from ${String(from)} to ${String(to)} is not supported`;
  }
  const unready = isInVersionRange(cluster.profile.version, '1.9.2..') ? unreadiness(cluster, old) : undefined;
  if (unready !== undefined) return `volume ${name} is not ready: ${unready}`;
  return claimComplaint(cluster, volume, to);
}

/** Source: longhorn-manager:types/volumes.go IsVolumeReady@v1.9.2, v1.11.3, v1.12.1. */
function unreadiness(cluster: LonghornCluster, volume: Volume): string | undefined {
  const { metadata, spec, status } = volume;
  const replicas = cluster.replicasOf(metadata.name);
  const scheduled =
    conditionOf(status?.conditions, 'Scheduled')?.status === 'True' ||
    (replicas.length > 0 && replicas.every((replica) => replica.spec.nodeID !== ''));
  if ((spec.nodeID ?? '') === '' && status?.state !== 'detached') {
    return `waiting for the volume to fully detach. current state: ${status?.state ?? ''}`;
  }
  if (status?.state === 'detached' && !scheduled) {
    return 'volume is currently in detached state with some un-schedulable replicas';
  }
  if (status?.robustness === 'faulted') return 'volume is faulted';
  if (isDataComplete(volume)) return undefined;
  const later = isInVersionRange(cluster.profile.version, '1.11.0..');
  return later
    ? 'volume request cloning data but has not finished copying data'
    : 'volume has not finished cloning data';
}

function claimComplaint(cluster: LonghornCluster, { status }: Volume, sizeBytes: number): string | undefined {
  const { namespace = '', pvcName = '', lastPVCRefAt = '' } = status?.kubernetesStatus ?? {};
  if (pvcName === '' || lastPVCRefAt !== '') return undefined;
  const found = cluster.store.get({ resource: 'persistentvolumeclaims', namespace, name: pvcName });
  const claim = found as PersistentVolumeClaim | undefined;
  if (claim === undefined) return `persistentvolumeclaim "${pvcName}" not found`;
  const className = claim.spec.storageClassName ?? '';
  const storageClass = cluster.store.get({ resource: 'storageclasses.storage.k8s.io', name: className });
  if (storageClass?.['allowVolumeExpansion'] === false) {
    return `storage class ${className} of PVC ${pvcName} does not allow the volume expansion`;
  }
  const requested = parseQuantity(claim.spec.resources?.requests?.storage);
  if (requested >= sizeBytes) return undefined;
  return `PVC ${pvcName} size should be expanded from ${String(requested)} to ${String(sizeBytes)} first`;
}
