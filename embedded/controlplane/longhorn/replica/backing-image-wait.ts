import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Replica } from '../model/replica.ts';

export type BackingImageOnDisk = { kind: 'ready' } | { kind: 'waiting' } | { kind: 'failed'; message: string };

/**
 * Whether the replica's disk has its image; asks for a copy when nobody has yet.
 * Source: longhorn-manager:controller/replica_controller.go GetBackingImagePathForReplicaStarting@v1.11.3; the wait
 * for the first V2 copy is missing before 1.10.0 (longhorn/longhorn#11762).
 */
export function backingImageOnDisk(cluster: LonghornCluster, replica: Replica): BackingImageOnDisk {
  const name = replica.spec.backingImage;
  if (name === '') return { kind: 'ready' };
  const image = cluster.backingImages.get(name);
  if (image === undefined) {
    return { kind: 'failed', message: `backingimages.longhorn.io "${name}" not found` };
  }
  const { status } = image;
  if (status === undefined || status.uuid === '' || image.spec.diskFileSpecMap === undefined) {
    return { kind: 'waiting' };
  }
  const firstCopyMissing = image.spec.dataEngine === 'v2' && status.v2FirstCopyStatus !== 'ready';
  if (cluster.profile.replicaWaitsForFirstCopy && firstCopyMissing) return { kind: 'waiting' };
  const disk = replica.spec.diskID;
  if (image.spec.diskFileSpecMap[disk] === undefined) {
    cluster.backingImages.change(name, (draft) => {
      draft.spec.diskFileSpecMap = {
        ...draft.spec.diskFileSpecMap,
        [disk]: { dataEngine: replica.spec.dataEngine, evictionRequested: false },
      };
    });
    return { kind: 'waiting' };
  }
  return status.diskFileStatusMap?.[disk]?.state === 'ready' ? { kind: 'ready' } : { kind: 'waiting' };
}
