import { isInVersionRange } from '../../../versions/profile.ts';
import { linkedClonesOf, parseDataSource } from '../clone/linked-clone.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Volume } from '../model/volume.ts';
import { forbidden, internal, invalid } from './denial.ts';
import { addLabels } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/volume/mutator.go@v1.10.0, v1.12.1. */
export function mutateClone(cluster: LonghornCluster, volume: Volume): void {
  const { spec } = volume;
  if ((spec.dataSource ?? '') === '') return;
  if ((spec.cloneMode ?? '') === '') spec.cloneMode = 'full-copy';
  const from = parseDataSource(spec.dataSource ?? '');
  if (!hasEntrypoints(cluster)) return;
  if (from !== undefined) addLabels(volume, { [labelKeys.cloneSourceVolume]: from.volume });
  if (spec.cloneMode !== 'linked-clone') return;
  const unsized = Number((spec.size as string | undefined) ?? 0) === 0;
  if (from === undefined) {
    if (!unsized) return;
    throw invalid(
      `cannot parse source volume name from dataSource ${spec.dataSource ?? ''}`,
      '.spec.dataSource',
      'mutator',
    );
  }
  if (from.snapshot !== '') addLabels(volume, { [labelKeys.linkedCloneSourceSnapshot]: from.snapshot });
  if (!unsized) return;
  const size = sourceSize(cluster, from);
  if (size === undefined) {
    const missing = `failed to get source volume ${from.volume}: volume.longhorn.io "${from.volume}" not found`;
    throw invalid(missing, '.spec.dataSource', 'mutator');
  }
  spec.size = String(size);
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go Create, verifyVolumeDataSource@v1.9.2, v1.10.0, v1.12.1. */
export function validateClone(cluster: LonghornCluster, volume: Volume): void {
  const { spec } = volume;
  if (!isInVersionRange(cluster.profile.version, '1.10.0..')) return;
  const text = spec.dataSource ?? '';
  const mode = spec.cloneMode ?? '';
  if (text === '' && mode !== '')
    throw invalid('BUG: CloneMode is non-empty while DataSource is empty', '.spec.cloneMode');
  const linked = mode === 'linked-clone';
  if (linked && spec.dataEngine === 'v1')
    throw invalid('BUG: v1 data engine does not support clone mode linked-clone', '.spec.cloneMode');
  if (linked && hasEntrypoints(cluster)) validateLinkedClone(cluster, volume);
  if (text === '') return;
  const from = parseDataSource(text);
  if (from === undefined) throw invalid(`invalid volume data source ${text}`, '.spec.dataSource');
  const source = cluster.volumes.get(from.volume);
  if (source === undefined) throw internal(`volume.longhorn.io "${from.volume}" not found`);
  if (source.spec.dataEngine !== spec.dataEngine) {
    const engines = `${source.spec.dataEngine} into a volume with data engine ${spec.dataEngine}`;
    throw invalid(`cannot clone volume with data engine ${engines}`, '.spec.dataSource');
  }
  validateSource(cluster, volume, source);
}

/** What has been cloned already, and how many replicas there may be. */
function validateSource(cluster: LonghornCluster, volume: Volume, source: Volume): void {
  const { spec } = volume;
  const name = source.metadata.name;
  const linked = spec.cloneMode === 'linked-clone';
  if (!hasEntrypoints(cluster)) {
    if (source.spec.cloneMode === 'linked-clone')
      throw invalid(`cannot create a new volume from a linked-clone volume ${name}`, '.spec.dataSource');
    const other = linked ? linkedClonesOf(cluster, name)[0] : undefined;
    if (other === undefined) return;
    const exists = `there already exist a linked-cloned volume ${other.metadata.name} from the source volume ${name}`;
    throw invalid(`BUG: ${exists}`, '.spec.dataSource');
  }
  const state = source.status?.cloneStatus.state ?? '';
  if (source.spec.cloneMode === 'linked-clone' && state !== 'completed') {
    throw invalid(
      `cannot use volume ${name} as linked-clone source: its own cloning is not yet completed (state: ${state})`,
      'spec.dataSource',
    );
  }
  if (!linked || spec.numberOfReplicas <= source.spec.numberOfReplicas) return;
  const counts = `(${String(spec.numberOfReplicas)}) than its source volume (${String(source.spec.numberOfReplicas)})`;
  throw invalid(`linked-clone volume cannot have more replicas ${counts}`, 'spec.numberOfReplicas');
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go validateLinkedCloneSize@v1.12.1. */
function validateLinkedClone(cluster: LonghornCluster, volume: Volume): void {
  const running = cluster.instanceManagers
    .list()
    .some((one) => one.spec.dataEngine === 'v2' && one.status?.currentState === 'running');
  if (!running)
    throw forbidden(`cannot create linked-clone volume ${volume.metadata.name}: no running instance manager found`);
  const { spec } = volume;
  const from = parseDataSource(spec.dataSource ?? '');
  if (from === undefined) return;
  if (from.snapshot !== '' && cluster.snapshots.get(from.snapshot) === undefined) {
    throw internal(`failed to get source snapshot ${from.snapshot}: snapshot.longhorn.io "${from.snapshot}" not found`);
  }
  const expected = sourceSize(cluster, from);
  if (expected === undefined || Number(spec.size) === expected) return;
  const hint = 'leave spec.size unset to inherit the correct size automatically';
  throw invalid(`spec.size ${spec.size} does not match source size ${String(expected)}; ${hint}`, '.spec.size');
}

/** Source: longhorn-manager:webhook/resources/volume/validator.go Delete@v1.12.1. */
export function validateSourceDeletion(cluster: LonghornCluster, volume: Volume): void {
  if (!hasEntrypoints(cluster)) return;
  const { name } = volume.metadata;
  const clones = linkedClonesOf(cluster, name)
    .map((clone) => clone.metadata.name)
    .sort();
  if (clones.length === 0) return;
  throw forbidden(`cannot delete volume ${name}: it is the source of linked-clone volume(s) [${clones.join(' ')}]`);
}

export function hasEntrypoints(cluster: LonghornCluster): boolean {
  return cluster.profile.linkedClones === 'entrypoint';
}

function sourceSize(cluster: LonghornCluster, from: { volume: string; snapshot: string }): number | undefined {
  const restored = cluster.snapshots.get(from.snapshot)?.status?.restoreSize ?? 0;
  if (restored > 0) return restored;
  const source = cluster.volumes.get(from.volume);
  return source === undefined ? undefined : Number(source.spec.size);
}
