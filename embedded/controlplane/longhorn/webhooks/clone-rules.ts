import { linkedClonesOf, parseDataSource } from '../clone/linked-clone.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Volume } from '../model/volume.ts';
import { forbidden, invalid } from './denial.ts';
import { addLabels } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/volume/mutator.go@v1.12.1. */
export function mutateClone(cluster: LonghornCluster, volume: Volume): void {
  const { spec } = volume;
  const from = parseDataSource(spec.dataSource ?? '');
  if (from === undefined) return;
  if ((spec.cloneMode ?? '') === '') spec.cloneMode = 'full-copy';
  if (!hasEntrypoints(cluster)) return;
  addLabels(volume, { [labelKeys.cloneSourceVolume]: from.volume });
  if (spec.cloneMode !== 'linked-clone') return;
  if (from.snapshot !== '') addLabels(volume, { [labelKeys.linkedCloneSourceSnapshot]: from.snapshot });
  if (Number(spec.size) === 0) spec.size = String(sourceSize(cluster, from) ?? 0);
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go verifyVolumeDataSource, validateLinkedCloneSize@v1.12.1. */
export function validateClone(cluster: LonghornCluster, volume: Volume): void {
  const { spec } = volume;
  const text = spec.dataSource ?? '';
  if (text === '') return;
  const from = parseDataSource(text);
  if (from === undefined) throw invalid(`invalid volume data source ${text}`, '.spec.dataSource');
  const source = cluster.volumes.get(from.volume);
  if (source === undefined) throw invalid(`volume.longhorn.io "${from.volume}" not found`);
  if (source.spec.dataEngine !== spec.dataEngine) {
    const engines = `${source.spec.dataEngine} into a volume with data engine ${spec.dataEngine}`;
    throw invalid(`cannot clone volume with data engine ${engines}`, '.spec.dataSource');
  }
  if (spec.cloneMode !== 'linked-clone') return;
  const counts = `(${String(spec.numberOfReplicas)}) than its source volume (${String(source.spec.numberOfReplicas)})`;
  if (spec.numberOfReplicas > source.spec.numberOfReplicas) {
    throw invalid(`linked-clone volume cannot have more replicas ${counts}`, 'spec.numberOfReplicas');
  }
  const expected = sourceSize(cluster, from);
  if (expected !== undefined && Number(spec.size) !== expected) {
    const hint = 'leave spec.size unset to inherit the correct size automatically';
    throw invalid(`spec.size ${spec.size} does not match source size ${String(expected)}; ${hint}`, '.spec.size');
  }
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go Delete@v1.12.1. */
export function validateSourceDeletion(cluster: LonghornCluster, volume: Volume): void {
  const { name } = volume.metadata;
  const clones = linkedClonesOf(cluster, name).map((clone) => clone.metadata.name).sort();
  if (clones.length === 0) return;
  throw forbidden(`cannot delete volume ${name}: it is the source of linked-clone volume(s) [${clones.join(' ')}]`);
}

function hasEntrypoints(cluster: LonghornCluster): boolean {
  return cluster.profile.linkedClones === 'entrypoint';
}

function sourceSize(cluster: LonghornCluster, from: { volume: string; snapshot: string }): number | undefined {
  const restored = cluster.snapshots.get(from.snapshot)?.status?.restoreSize ?? 0;
  if (restored > 0) return restored;
  const source = cluster.volumes.get(from.volume);
  return source === undefined ? undefined : Number(source.spec.size);
}
