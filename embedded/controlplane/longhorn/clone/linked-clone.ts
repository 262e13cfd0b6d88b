/** What a clone is and how far it is. Sources: longhorn-manager:types/data_source.go, controller/utils.go@v1.12.1. */
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { isAvailableHealthy, isTerminating } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import type { Volume } from '../model/volume.ts';

/** `vol://<volume>` or `snap://<volume>/<snapshot>`, taken apart; undefined for anything else. */
export function parseDataSource(text: string): { volume: string; snapshot: string } | undefined {
  const match = /^(?:vol:\/\/([^/]+)|snap:\/\/([^/]+)\/(.+))$/.exec(text);
  return match === null ? undefined : { volume: match[1] ?? match[2] ?? '', snapshot: match[3] ?? '' };
}

export const snapshotDataSource = (volume: string, snapshot: string): string => `snap://${volume}/${snapshot}`;

export function sourceOf(volume: Volume): { volume: string; snapshot: string } | undefined {
  return parseDataSource(volume.spec.dataSource ?? '');
}

export function isLinkedClone(volume: Volume): boolean {
  return volume.spec.cloneMode === 'linked-clone' && sourceOf(volume) !== undefined;
}

/** The source's data is not yet, or not successfully, taken over. */
export function isCopying(volume: Volume): boolean {
  const state = volume.status?.cloneStatus.state ?? '';
  return sourceOf(volume) !== undefined && (state === '' || state === 'initiated');
}

/** A workload may have the volume: it is no clone, or its data is there. */
export function isDataComplete(volume: Volume): boolean {
  const state = volume.status?.cloneStatus.state ?? '';
  return sourceOf(volume) === undefined || state === 'completed' || state === 'copy-completed-awaiting-healthy';
}

export function linkedClonesOf(cluster: LonghornCluster, source: string): readonly Volume[] {
  return cluster.volumes.list().filter((volume) => isLinkedClone(volume) && sourceOf(volume)?.volume === source);
}

/** Replicas of clones that hang on this replica of the source. */
export function cloneReplicasOf(cluster: LonghornCluster, sourceReplica: string): readonly Replica[] {
  return cluster.replicas.list({ [labelKeys.linkedCloneSourceReplica]: sourceReplica });
}

/** Replicas of the source on whose disks a replica of the clone can be. */
export function usableSourceReplicas(cluster: LonghornCluster, clone: Volume): readonly Replica[] {
  return cluster
    .replicasOf(sourceOf(clone)?.volume ?? '')
    .filter(
      (replica) =>
        !isTerminating(replica) &&
        isAvailableHealthy(replica) &&
        replica.spec.nodeID !== '' &&
        replica.spec.diskID !== '' &&
        !replica.spec.evictionRequested,
    );
}
