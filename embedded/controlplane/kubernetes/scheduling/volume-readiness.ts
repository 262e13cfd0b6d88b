import type { ClusterContext } from '../context.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../objects/storage.ts';
import { claimNames, type Pod } from '../objects/pod.ts';

export type VolumeReadiness =
  | { kind: 'ready'; volumes: readonly PersistentVolume[]; waitingForNode: readonly PersistentVolumeClaim[] }
  /** Worded as kube-scheduler's volume plug-ins do. */
  | { kind: 'blocked'; message: string };

/** Whether the pod's claims allow to choose a node: bound, or bound once a node is chosen. */
export function volumeReadiness(context: ClusterContext, pod: Pod): VolumeReadiness {
  const { claims, volumes, storageClasses } = context.resources;
  const found: PersistentVolume[] = [];
  const waitingForNode: PersistentVolumeClaim[] = [];
  for (const name of claimNames(pod)) {
    const claim = claims.get(name, pod.metadata.namespace);
    if (claim === undefined) {
      return { kind: 'blocked', message: `persistentvolumeclaim "${name}" not found` };
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { kind: 'blocked', message: `persistentvolumeclaim "${name}" is being deleted` };
    }
    if (claim.status?.phase === 'Lost') {
      return {
        kind: 'blocked',
        message: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`,
      };
    }
    const volume = claim.spec.volumeName === undefined ? undefined : volumes.get(claim.spec.volumeName);
    if (claim.status?.phase === 'Bound' && volume !== undefined) {
      found.push(volume);
      continue;
    }
    const mode = storageClasses.get(claim.spec.storageClassName ?? '')?.volumeBindingMode;
    if (mode !== 'WaitForFirstConsumer') {
      return { kind: 'blocked', message: 'pod has unbound immediate PersistentVolumeClaims' };
    }
    waitingForNode.push(claim);
  }
  return { kind: 'ready', volumes: found, waitingForNode };
}
