import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Volume } from '../model/volume.ts';
import { mutateClone } from './clone-rules.ts';
import { correctName } from './name-rule.ts';
import { addLabels } from './webhook.ts';

type PartialSpec = Partial<Volume['spec']>;

/** Source: longhorn-manager:util/util.go RoundUpSize@v1.8.0, v1.12.1. */
const sizeAlignmentBytes = 2 * 2 ** 20;

export function alignSize(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / sizeAlignmentBytes)) * sizeAlignmentBytes;
}

const given = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const isSharded = (spec: PartialSpec): boolean =>
  (spec['dataLayout'] as { type?: string } | undefined)?.type === 'sharded';

/** What a new volume gets. Source: longhorn-manager:webhook/resources/volume/mutator.go Create@v1.8.1..v1.12.1. */
export function completeNewVolume(cluster: LonghornCluster, volume: Volume): void {
  correctName(volume);
  mutateClone(cluster, volume);
  const spec = volume.spec as PartialSpec;
  const { images } = cluster.profile;
  const dataEngine = spec.dataEngine === 'v2' ? 'v2' : 'v1';
  if ((spec.numberOfReplicas ?? 0) === 0) {
    spec.numberOfReplicas = isSharded(spec) ? 1 : cluster.settings.number('default-replica-count', dataEngine);
  }
  const strictLocal = spec.dataLocality === 'strict-local';
  Object.assign(spec, {
    dataLocality:
      given(spec.dataLocality) ?? (isSharded(spec) ? 'disabled' : cluster.settings.text('default-data-locality')),
    accessMode: given(spec.accessMode) ?? 'rwo',
    backupTargetName: given(spec['backupTargetName']) ?? 'default',
    size: String(alignSize(Number(spec.size ?? '0'))),
    // Whatever was asked for.
    image: dataEngine === 'v2' ? images.instanceManager : images.engine,
    backupCompressionMethod:
      given(spec['backupCompressionMethod']) ?? cluster.settings.text('backup-compression-method'),
    ...(strictLocal ? { revisionCounterDisabled: true } : {}),
  });
  if (spec.dataEngine === 'v2') forgetUnimplemented(cluster, spec);
  addLabels(volume, { 'backup-target': String(spec['backupTargetName']) });
  const luksHeader =
    isInVersionRange(cluster.profile.version, '1.12.1..') && spec['encrypted'] === true && dataEngine === 'v2';
  if (luksHeader) addLabels(volume, { 'v2-encrypted-volume-with-luks-header': 'true' });
  completeVolume(cluster, volume);
}

/** What a changed volume gets. Source: longhorn-manager:webhook/resources/volume/mutator.go Update@v1.8.1..v1.12.1. */
export function completeChangedVolume(cluster: LonghornCluster, volume: Volume, old: Volume): void {
  const spec = volume.spec as PartialSpec;
  const limit = Number(spec.snapshotMaxSize ?? 0);
  const bytes = Number(spec.size ?? 0);
  if (old.spec.size !== spec.size && limit !== 0 && limit < 2 * bytes) spec.snapshotMaxSize = String(2 * bytes);
  spec.size = String(alignSize(bytes));
  spec.accessMode = given(spec.accessMode) ?? 'rwo';
  spec['backupCompressionMethod'] = given(spec['backupCompressionMethod']) ?? 'gzip';
  if (isInVersionRange(cluster.profile.version, '1.11.1..') && given(spec.dataSource) !== undefined) {
    spec.cloneMode = given(spec.cloneMode) ?? given(old.spec.cloneMode) ?? 'full-copy';
  }
  const target = given(spec['backupTargetName']) ?? '';
  if (target !== (old.spec['backupTargetName'] ?? '')) addLabels(volume, { 'backup-target': target });
  completeVolume(cluster, volume);
}

const ignoredByDefault = [
  'freezeFilesystemForSnapshot',
  'offlineRebuilding',
  'replicaAutoBalance',
  'replicaDiskSoftAntiAffinity',
  'replicaSoftAntiAffinity',
  'replicaZoneSoftAntiAffinity',
  'restoreVolumeRecurringJob',
  'snapshotDataIntegrity',
] as const;

/** Which of a volume's fields follow a setting, by the name in its label. */
const followed: Readonly<Record<string, string>> = {
  replicaAutoBalance: 'replica-auto-balance',
  snapshotDataIntegrity: 'snapshot-data-integrity',
  unmapMarkSnapChainRemoved: 'remove-snapshots-during-filesystem-trim',
};

function completeVolume(cluster: LonghornCluster, volume: Volume): void {
  const spec = volume.spec as PartialSpec;
  // Of what was asked for, not of the defaults below: a new volume gets these labels with its first change.
  for (const [field, setting] of Object.entries(followed)) {
    if (spec[field] === 'ignored') addLabels(volume, { [`setting.longhorn.io/${setting}`]: 'ignored' });
  }
  if ((spec.snapshotMaxCount ?? 0) === 0) spec.snapshotMaxCount = cluster.settings.number('snapshot-max-count');
  spec.diskSelector ??= [];
  spec.nodeSelector ??= [];
  for (const field of ignoredByDefault) spec[field] = given(spec[field]) ?? 'ignored';
  spec['unmapMarkSnapChainRemoved'] =
    spec.dataEngine === 'v2' ? 'disabled' : (given(spec['unmapMarkSnapChainRemoved']) ?? 'ignored');
  // An unknown engine stays as it is: the CRD's enum refuses it after this webhook.
  if (((spec.dataEngine as string | undefined) ?? '') === '') spec.dataEngine = 'v1';
  if (Number(spec['backupBlockSize'] ?? 0) === 0) {
    const mebibytes = cluster.settings.number('default-backup-block-size') || 2;
    spec['backupBlockSize'] = String(mebibytes * 2 ** 20);
  }
  addLabels(volume, { [labelKeys.volume]: volume.metadata.name });
}

/**
 * What a V2 volume asks for and its release does not have: anything but `disabled` is taken back. A field that is not given
 * is not touched, because the defaults are applied after it.
 * Source: longhorn-manager:webhook/resources/volume/mutator.go Create@v1.8.1, v1.9.2, v1.10.0.
 */
function forgetUnimplemented({ profile }: LonghornCluster, spec: PartialSpec): void {
  const until = (version: string): boolean => isInVersionRange(profile.version, `..${version}`);
  if (until('1.8.2') && given(spec['snapshotDataIntegrity']) !== undefined) spec['snapshotDataIntegrity'] = 'disabled';
  if (!until('1.9.2')) return;
  for (const field of ignoredForV2)
    if (given(spec[field]) !== undefined && spec[field] !== 'disabled') spec[field] = 'ignored';
}

const ignoredForV2 = [
  'replicaAutoBalance',
  'restoreVolumeRecurringJob',
  'replicaSoftAntiAffinity',
  'replicaZoneSoftAntiAffinity',
  'replicaDiskSoftAntiAffinity',
] as const;
