import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Volume } from '../model/volume.ts';
import { mutateClone, validateClone, validateSourceDeletion } from './clone-rules.ts';
import { invalid } from './denial.ts';
import { checkExpansion } from './expansion-rule.ts';
import { checkSnapshotLimits, checkVolumeChange, checkVolumeFields, checkVolumeIdentity } from './volume-field-rules.ts';
import { addLabels, requireEngineEnabled } from './webhook.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:util/util.go SizeAlignment. */
const sizeAlignmentBytes = 2 * 2 ** 20;

export function alignSize(bytes: number): number {
  return Math.ceil(bytes / sizeAlignmentBytes) * sizeAlignmentBytes;
}

/** Source: longhorn-manager:webhook/resources/volume@v1.8.0, v1.11.3, v1.12.1. */
export const volumeWebhook: Webhook<Volume> = {
  mutateCreate(cluster, volume) {
    mutateClone(cluster, volume);
    const spec = volume.spec as Partial<Volume['spec']>;
    const dataEngine = spec.dataEngine === 'v2' ? 'v2' : 'v1';
    const images = cluster.profile.images;
    const replicas = spec.numberOfReplicas ?? 0;
    Object.assign(spec, {
      dataEngine,
      size: String(alignSize(Number(spec.size ?? '0'))),
      numberOfReplicas: replicas > 0 ? replicas : cluster.settings.number('default-replica-count', dataEngine),
      image: given(spec.image) ?? (dataEngine === 'v2' ? images.instanceManager : images.engine),
      accessMode: given(spec.accessMode) ?? 'rwo',
      dataLocality: given(spec.dataLocality) ?? cluster.settings.text('default-data-locality'),
      backupCompressionMethod: given(spec['backupCompressionMethod']) ?? cluster.settings.text('backup-compression-method'),
      backupTargetName: given(spec['backupTargetName']) ?? 'default',
      backupBlockSize: given(spec['backupBlockSize']) ?? '2097152',
      diskSelector: spec.diskSelector ?? [],
      nodeSelector: spec.nodeSelector ?? [],
      snapshotMaxCount: spec.snapshotMaxCount ?? cluster.settings.number('snapshot-max-count'),
      unmapMarkSnapChainRemoved: dataEngine === 'v2' ? 'disabled' : (given(spec['unmapMarkSnapChainRemoved']) ?? 'ignored'),
    });
    if (dataEngine === 'v2') forgetUnimplemented(cluster, spec);
    for (const field of ignoredByDefault) spec[field] = given(spec[field]) ?? 'ignored';
    addLabels(volume, { [labelKeys.volume]: volume.metadata.name, 'backup-target': String(spec['backupTargetName']) });
  },
  mutateUpdate(_cluster, volume) {
    volume.spec.size = String(alignSize(Number(volume.spec.size)));
  },
  validateCreate(cluster, volume) {
    const { spec } = volume;
    if (!/^[a-z0-9][a-z0-9_.-]+$/.test(volume.metadata.name)) throw invalid(`invalid name ${volume.metadata.name}`);
    checkVolumeFields({ cluster, volume });
    validateBackingImage(cluster, volume);
    validateFrontend(cluster, spec);
    if (spec.migratable === true && spec.accessMode !== 'rwx') {
      throw invalid('migratable volumes are only supported in ReadWriteMany (rwx) access mode');
    }
    checkVolumeIdentity({ cluster, volume });
    requireEngineEnabled(cluster, spec.dataEngine);
    checkSnapshotLimits({ cluster, volume });
    if (spec.dataEngine === 'v2' && (given(spec['dataSource']) ?? '') !== '' && cluster.profile.settingFormat === 'plain') {
      throw invalid('clone is not supported for data engine v2');
    }
    if (cluster.profile.linkedClones === 'entrypoint') validateClone(cluster, volume);
  },
  validateUpdate(cluster, volume, old) {
    checkExpansion(cluster, volume, old);
    checkVolumeFields({ cluster, volume, old });
    checkVolumeChange({ cluster, volume, old });
    checkSnapshotLimits({ cluster, volume, old });
  },
  validateDelete(cluster, volume) {
    validateSourceDeletion(cluster, volume);
  },
};

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

/**
 * What a V2 volume asks for and its release does not have: anything but `disabled` is taken back. A field that is not given
 * is not touched, because the defaults are applied after it.
 * Source: longhorn-manager:webhook/resources/volume/mutator.go Create@v1.8.1, v1.9.2, v1.10.0.
 */
function forgetUnimplemented({ profile }: LonghornCluster, spec: Partial<Volume['spec']>): void {
  const until = (version: string): boolean => isInVersionRange(profile.version, `..${version}`);
  if (until('1.8.2') && given(spec['snapshotDataIntegrity']) !== undefined) spec['snapshotDataIntegrity'] = 'disabled';
  if (!until('1.9.2')) return;
  for (const field of ignoredForV2) if (given(spec[field]) !== undefined && spec[field] !== 'disabled') spec[field] = 'ignored';
}

const ignoredForV2 = [
  'replicaAutoBalance',
  'restoreVolumeRecurringJob',
  'replicaSoftAntiAffinity',
  'replicaZoneSoftAntiAffinity',
  'replicaDiskSoftAntiAffinity',
] as const;

function given(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function validateBackingImage(cluster: LonghornCluster, volume: Volume): void {
  const name = volume.spec.backingImage ?? '';
  if (name === '') return;
  const image = cluster.backingImages.get(name);
  if (image === undefined) throw invalid(`backingimage.longhorn.io "${name}" not found`);
  if (image.spec.dataEngine !== volume.spec.dataEngine) {
    throw invalid('volume should have the same data engine as the backing image');
  }
  // virtualSize is 0 until the first file is ready, so an early volume is never refused.
  if (Number(volume.spec.size) < (image.status?.virtualSize ?? 0)) {
    throw invalid('volume size should be larger than the backing image size');
  }
}

function validateFrontend(cluster: LonghornCluster, spec: Volume['spec']): void {
  const { profile } = cluster;
  const frontend = (spec.frontend as string | undefined) ?? '';
  const allowed = spec.dataEngine === 'v2' ? profile.v2Frontends : profile.v1Frontends;
  if (allowed.includes(frontend) || spec['Standby'] === true) return;
  const engine = profile.frontendMessage === 'frontend-and-engine' ? ` for data engine ${spec.dataEngine} ` : '';
  throw invalid(`invalid volume frontend specified: ${frontend}${engine}`);
}
