import type { Engine } from '../model/engine.ts';
import type { Replica } from '../model/replica.ts';
import { deleteReplica, replicaList } from '../volume/volume-pass.ts';
import type { VolumePass } from '../volume/volume-pass.ts';
import { isCopying, isLinkedClone, snapshotDataSource, usableSourceReplicas } from './linked-clone.ts';

/**
 * What a run over a clone adds: the source's replica for each of its own, what the engine is asked to clone, and how far
 * it is. Source: longhorn-manager:controller/volume_controller.go syncLinkedCloneReplicaSourceFields,
 * updateRequestedDataSourceForVolumeCloning, ReconcileEngineReplicaState@v1.12.1.
 */
export function stepClone(pass: VolumePass, engine: Engine): void {
  const { volume } = pass;
  if (!isLinkedClone(volume)) return;
  if (volume.status.cloneStatus.snapshot !== '') assignSourceReplicas(pass);
  reportProgress(pass, engine);
  const { state, sourceVolume, snapshot } = volume.status.cloneStatus;
  engine.spec.requestedDataSource = state === 'initiated' ? snapshotDataSource(sourceVolume, snapshot) : '';
}

/** The healthy one on the same disk that the fewest others hang on. */
function assignSourceReplicas(pass: VolumePass): void {
  const { cluster, volume, recorder } = pass;
  const uses = new Map<string, number>();
  const count = (name: string): void => {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  for (const { spec } of replicaList(pass)) count(spec.linkedCloneSrcReplicaName ?? '');
  for (const replica of replicaList(pass)) {
    const { nodeID, diskID, failedAt, linkedCloneSrcReplicaName = '' } = replica.spec;
    if (diskID === '' || linkedCloneSrcReplicaName !== '' || failedAt !== '') continue;
    const [best] = usableSourceReplicas(cluster, volume)
      .filter(({ spec }) => spec.nodeID === nodeID && spec.diskID === diskID)
      .sort((a, b) => (uses.get(a.metadata.name) ?? 0) - (uses.get(b.metadata.name) ?? 0) || byName(a, b));
    if (best !== undefined) {
      replica.spec.linkedCloneSrcReplicaName = best.metadata.name;
      count(best.metadata.name);
    } else if (!hasSourceOnDisk(pass, replica)) {
      deleteReplica(pass, replica);
      const where = `disk ${diskID} node ${nodeID}`;
      const why = `source replica on ${where} was removed during scheduling window`;
      recorder.warning(volume, 'Failed', `clone replica ${replica.metadata.name} deleted: ${why}`);
    }
  }
}

function hasSourceOnDisk({ cluster, volume }: VolumePass, { spec }: Replica): boolean {
  return cluster
    .replicasOf(volume.status.cloneStatus.sourceVolume)
    .some((source) => source.metadata.deletionTimestamp === undefined && source.spec.diskID === spec.diskID);
}

function reportProgress(pass: VolumePass, engine: Engine): void {
  const { volume, recorder } = pass;
  const clone = volume.status.cloneStatus;
  const statuses = Object.values(engine.status?.cloneStatus ?? {});
  const about = `snapshot ${clone.snapshot}`;
  if (isCopying(volume) && clone.state === 'initiated' && statuses.length > 0) {
    const failed = statuses.filter(({ state }) => state === 'error');
    const complete = statuses.filter(({ state }) => state === 'complete').length;
    if (failed.length > 0 && complete === 0) {
      clone.state = 'failed';
      const what = `failed to clone ${about} with clone mode linked-clone from source volume ${clone.sourceVolume}`;
      recorder.warning(volume, 'VolumeCloneFailed', `${what}: ${failed[0]?.error ?? ''}`);
    } else if (failed.length + complete === statuses.length) {
      clone.state = 'copy-completed-awaiting-healthy';
      const what = `copied the data from ${about} of the source volume ${clone.sourceVolume}`;
      const then = 'Waiting for volume to be fully HA before marking the clone as completed';
      recorder.warning(volume, 'VolumeCloneCopyCompleteAwaitingHealthy', `${what}. ${then}`);
    }
  }
  if (clone.state === 'copy-completed-awaiting-healthy' && volume.status.robustness === 'healthy') {
    clone.state = 'completed';
    recorder.normal(
      volume,
      'VolumeCloneCompleted',
      `finished cloning ${about} from source volume ${clone.sourceVolume}`,
    );
  }
}

function byName(left: Replica, right: Replica): number {
  return left.metadata.name < right.metadata.name ? -1 : 1;
}
