/** Backups and what belongs to them: the embedded cluster has no backup target, which is what most of these refuse for. */
import type { KubeObject } from '../../../apiserver/store.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { invalid } from './denial.ts';
import type { Webhook } from './webhook.ts';

interface BackupTarget extends KubeObject {
  spec?: { backupTargetURL?: string };
  status?: { available?: boolean };
}

function targetOf(cluster: LonghornCluster, name: string): BackupTarget | undefined {
  return cluster.store.get({ resource: 'backuptargets.longhorn.io', namespace: 'longhorn-system', name });
}

function requireTarget(cluster: LonghornCluster, name: string): void {
  const target = targetOf(cluster, name);
  if (target === undefined)
    throw invalid(`failed to get backup target ${name}: backuptarget.longhorn.io "${name}" not found`);
  const url = target.spec?.backupTargetURL ?? '';
  if (url === '' || target.status?.available !== true) throw invalid(`backup target ${name} is not available`);
}

/** Source: longhorn-manager:webhook/resources/systembackup@v1.8.0, v1.9.2, v1.12.1. */
export const systemBackupWebhook: Webhook<KubeObject> = {
  mutateCreate(_cluster, backup) {
    const spec = (backup.spec as { volumeBackupPolicy?: string } | undefined) ?? {};
    const { volumeBackupPolicy: policy = '' } = spec;
    backup.spec = { ...spec, volumeBackupPolicy: policy === '' ? 'if-not-present' : policy };
  },
  validateCreate(cluster) {
    if (isInVersionRange(cluster.profile.version, '1.9.2..')) requireTarget(cluster, 'default');
  },
};

/** Source: longhorn-manager:webhook/resources/systemrestore/validator.go@v1.8.0, v1.12.1. */
export const systemRestoreWebhook: Webhook<KubeObject> = {
  validateCreate(cluster, restore) {
    if (cluster.volumes.list().some((volume) => volume.status?.state !== 'detached')) {
      throw invalid('all volumes need to be detached before creating SystemRestore');
    }
    const name = (restore.spec as { systemBackup?: string } | undefined)?.systemBackup ?? '';
    const found = cluster.store.get({ resource: 'systembackups.longhorn.io', namespace: 'longhorn-system', name });
    if (found === undefined) throw invalid(`systembackup.longhorn.io "${name}" not found`);
  },
};

/** Source: longhorn-manager:webhook/resources/backuptarget/validator.go@v1.8.0, v1.12.1. */
export const backupTargetWebhook: Webhook<BackupTarget> = {
  validateDelete(_cluster, { metadata }) {
    if (
      metadata.name !== 'default' ||
      metadata.annotations?.['longhorn.io/delete-backup-target-from-longhorn'] !== undefined
    )
      return;
    throw invalid('deleting default backup target is not allowed');
  },
};

/** Source: longhorn-manager:webhook/resources/backupvolume/validator.go@v1.9.2, v1.12.1. */
export const backupVolumeWebhook: Webhook<KubeObject & { spec?: { backupTargetName?: string; volumeName?: string } }> =
  {
    validateCreate: requireNames,
    validateUpdate: requireNames,
  };

function requireNames(
  { profile }: LonghornCluster,
  { spec }: { spec?: { backupTargetName?: string; volumeName?: string } },
): void {
  if (!isInVersionRange(profile.version, '1.9.2..')) return;
  if ((spec?.backupTargetName ?? '') === '') throw invalid('backup target name cannot be empty');
  if ((spec?.volumeName ?? '') === '') throw invalid('volume name cannot be empty');
}
