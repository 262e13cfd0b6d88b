import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Volume } from '../model/volume.ts';
import { validateClone, validateSourceDeletion } from './clone-rules.ts';
import { checkDataLayout, checkShardedVolume } from './data-layout-rules.ts';
import { invalid } from './denial.ts';
import { checkExpansion } from './expansion-rule.ts';
import { checkName } from './name-rule.ts';
import { checkVolumeChange } from './volume-change-rules.ts';
import { completeChangedVolume, completeNewVolume } from './volume-defaults.ts';
import { checkSnapshotLimits, checkVolumeFields, checkVolumeIdentity } from './volume-field-rules.ts';
import { requireEngineEnabled } from './webhook.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/volume@v1.8.0..v1.12.1. */
export const volumeWebhook: Webhook<Volume> = {
  mutateCreate: completeNewVolume,
  mutateUpdate: completeChangedVolume,
  validateCreate(cluster, volume) {
    const { spec } = volume;
    checkName(volume.metadata.name);
    checkVolumeFields({ cluster, volume });
    validateBackingImage(cluster, volume);
    validateClone(cluster, volume);
    validateFrontend(cluster, spec);
    if (spec.migratable === true && spec.accessMode !== 'rwx') {
      throw invalid('migratable volumes are only supported in ReadWriteMany (rwx) access mode');
    }
    checkDataLayout(volume);
    checkShardedVolume(volume);
    checkVolumeIdentity({ cluster, volume });
    requireEngineEnabled(cluster, spec.dataEngine);
    checkSnapshotLimits({ cluster, volume });
    const clones = /^(vol|snap):\/\//.test(spec.dataSource ?? '');
    if (spec.dataEngine === 'v2' && clones && cluster.profile.settingFormat === 'plain') {
      throw invalid('clone is not supported for data engine v2');
    }
  },
  validateUpdate(cluster, volume, old) {
    checkExpansion(cluster, volume, old);
    checkVolumeChange({ cluster, volume, old });
  },
  validateDelete(cluster, volume) {
    validateSourceDeletion(cluster, volume);
  },
};

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
