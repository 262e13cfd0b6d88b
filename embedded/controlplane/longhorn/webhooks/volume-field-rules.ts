import { nameErrors } from '../../../apiserver/validation/names.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Volume } from '../model/volume.ts';
import { invalid } from './denial.ts';

// longhorn-manager:datastore/longhorn.go NameMaximumLength.
const longestName = 40;
const backupBlockBytes: readonly number[] = [2 * 2 ** 20, 16 * 2 ** 20];

interface Change {
  readonly cluster: LonghornCluster;
  readonly volume: Volume;
  /** Absent when the volume is created. */
  readonly old?: Volume;
}

const since = ({ cluster }: Change, version: string): boolean => isInVersionRange(cluster.profile.version, `${version}..`);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Field paths are in refusals from 1.10 on (longhorn-manager:webhook/resources/volume/validator.go@v1.9.2, v1.10.0). */
function refuse(change: Change, message: string, field: string): never {
  throw invalid(message, since(change, '1.10.0') ? field : '');
}

/** What a volume's own fields must be, at creation and at every update. */
export function checkVolumeFields(change: Change): void {
  const { spec } = change.volume;
  const count = spec.numberOfReplicas;
  if (count < 1 || count > 20) refuse(change, `replica count value ${String(count)} must between 1 to 20`, 'spec.numberOfReplicas');
  if (spec.dataLocality === 'strict-local' && count !== 1) {
    refuse(change, 'number of replica count should be 1 when data locality is strict-local', 'spec.numberOfReplicas');
  }
  if (since(change, '1.11.0')) checkUblk(change);
  if (change.old === undefined && spec.dataLocality === 'strict-local' && spec.accessMode === 'rwx' && spec.migratable !== true) {
    refuse(change, 'access mode rwx (migratable: false) is incompatible with data locality strict-local mode', 'spec.dataLocality and spec.migratable and spec.accessMode');
  }
  if (since(change, '1.10.0')) checkBackupAndBandwidth(change);
}

function checkUblk(change: Change): void {
  const { ublkQueueDepth: depth = 0, ublkNumberOfQueue: queues = 0 } = change.volume.spec as { ublkQueueDepth?: number; ublkNumberOfQueue?: number };
  if (depth !== 0 && depth < 32) {
    refuse(change, `ublk queue depth must be either 0 (meaning unspecified) or at least 32. Got ${String(depth)}`, 'spec.ublkQueueDepth');
  }
  if (queues < 0) {
    refuse(change, `ublk number of queues must be either 0 (meaning unspecified) or at least 1. Got ${String(queues)}`, 'spec.ublkNumberOfQueue');
  }
}

function checkBackupAndBandwidth(change: Change): void {
  const { spec } = change.volume;
  const block = Number(spec['backupBlockSize'] ?? backupBlockBytes[0]);
  if (!backupBlockBytes.includes(block)) refuse(change, `unsupported BackupBlockSize: ${String(block)}`, 'spec.backupBlockSize');
  if (Number(spec.size) % block !== 0) {
    refuse(change, `volume size ${spec.size} must be an integer multiple of the backup block size ${String(block)}`, 'spec.backupBlockSize');
  }
  if (Number(spec['replicaRebuildingBandwidthLimit'] ?? 0) !== 0 && spec.dataEngine === 'v1') {
    refuse(change, 'replicaRebuildingBandwidthLimit is not supported for data engine v1', 'spec.replicaRebuildingBandwidthLimit');
  }
}

/** Name, size and limits, which longhorn-manager checks last. Source: longhorn-manager:datastore/longhorn.go CheckVolume. */
export function checkVolumeIdentity(change: Change): void {
  const { metadata, spec } = change.volume;
  const [complaint] = nameErrors({ group: '', plural: 'namespaces' }, metadata.name);
  if (complaint !== undefined) {
    const words = complaint.message.slice(`Invalid value: ${JSON.stringify(metadata.name)}: `.length);
    throw invalid(`invalid volume name: [${words}]`);
  }
  if (metadata.name.length > longestName) {
    throw invalid(`volume name is too long ${metadata.name}, must be less than ${String(longestName)} characters`);
  }
  if (spec['encrypted'] === true && Number(spec.size) <= 16 * 2 ** 20) {
    throw invalid(`invalid volume size ${spec.size}, need to be bigger than 16MiB, default LUKS2 header size for encryption`);
  }
}

export function checkSnapshotLimits(change: Change): void {
  const { spec } = change.volume;
  const count = spec.snapshotMaxCount ?? 250;
  if (count < 2 || count > 250) throw invalid('snapshot max count should be between 2 to 250', 'spec.snapshotMaxCount');
  const limit = Number(spec.snapshotMaxSize ?? 0);
  if (limit !== 0 && limit < 2 * Number(spec.size)) {
    throw invalid('snapshot max size can not be 0 and at least twice of volume size', 'spec.snapshotMaxSize');
  }
  const target = text(spec['backupTargetName']);
  if (change.old !== undefined && target === text(change.old.spec['backupTargetName'])) return;
  const known = change.cluster.store.get({ resource: 'backuptargets.longhorn.io', namespace: 'longhorn-system', name: target });
  if (known === undefined && target !== 'default') {
    throw invalid(`failed to get backup target ${target}: backuptarget.longhorn.io "${target}" not found`, 'spec.backupTargetName');
  }
}

/** What a volume may not become. Source: longhorn-manager:webhook/resources/volume/validator.go@v1.8.0, v1.9.2, v1.10.2, v1.11.3. */
export function checkVolumeChange(change: Change & { readonly old: Volume }): void {
  const { volume, old } = change;
  const { name } = old.metadata;
  const localities = [old.spec.dataLocality, volume.spec.dataLocality];
  if (localities[0] !== localities[1] && localities.includes('strict-local') && old.status?.state !== 'detached') {
    refuse(change, 'data locality cannot be converted between strict-local and other modes when volume is not detached', 'spec.dataLocality');
  }
  const dataSource = [text(old.spec.dataSource), text(volume.spec.dataSource)] as const;
  if (since(change, '1.10.0') && dataSource[0] !== dataSource[1]) {
    throw invalid(`.spec.dataSource is immutable (old=${dataSource[0]}, new=${dataSource[1]})`, '.spec.dataSource');
  }
  const method = text(old.spec['backupCompressionMethod']);
  if (method !== '' && method !== volume.spec['backupCompressionMethod']) {
    refuse(change, `changing backup compression method for volume ${name} is not supported`, 'spec.backupCompressionMethod');
  }
  if (since(change, '1.10.0') && text(old.spec['backupBlockSize']) !== text(volume.spec['backupBlockSize']) && text(old.spec['backupBlockSize']) !== '') {
    throw invalid(`changing backup block size for volume ${name} is not supported`, 'spec.backupBlockSize');
  }
  if (volume.spec.dataEngine !== old.spec.dataEngine) throw invalid(`changing data engine for volume ${name} is not supported`);
  if (old.spec.dataEngine === 'v2') checkV2Change(change);
}

/** Fields that a V2 volume could not change: fewer with each release. */
const fixedForV2: readonly { readonly field: string; readonly words: string; readonly until: string }[] = [
  { field: 'size', words: 'volume size', until: '1.9.2' },
  { field: 'backingImage', words: 'backing image', until: '1.10.2' },
  { field: 'encrypted', words: 'encryption', until: '1.10.2' },
  { field: 'snapshotDataIntegrity', words: 'snapshot data integrity', until: '1.8.2' },
  { field: 'replicaAutoBalance', words: 'replica auto balance', until: '1.9.2' },
  { field: 'restoreVolumeRecurringJob', words: 'restore volume recurring job', until: '1.9.2' },
  { field: 'replicaSoftAntiAffinity', words: 'replica soft anti-affinity', until: '1.9.2' },
  { field: 'replicaZoneSoftAntiAffinity', words: 'replica zone soft anti-affinity', until: '1.9.2' },
];

function checkV2Change(change: Change & { readonly old: Volume }): void {
  const { cluster, volume, old } = change;
  const { name } = old.metadata;
  for (const { field, words, until } of fixedForV2) {
    if (!isInVersionRange(cluster.profile.version, `..${until}`)) continue;
    // An absent field is Go's zero value.
    if ((old.spec[field] || '') === (volume.spec[field] || '')) continue;
    throw invalid(`changing ${words} for volume ${name} is not supported for data engine v2`);
  }
  if (since(change, '1.10.0') && volume.spec.frontend === 'ublk' && volume.spec.size !== old.spec.size) {
    throw invalid(`changing volume size for ublk volume ${name} is not supported for data engine v2`);
  }
}
