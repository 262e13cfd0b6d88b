import { nameErrors } from '../../../apiserver/validation/names.ts';
import { invalid } from './denial.ts';
import { longestName } from './name-rule.ts';
import { refuse, since, textOf } from './volume-change.ts';
import type { VolumeChange } from './volume-change.ts';

const backupBlockBytes: readonly number[] = [2 * 2 ** 20, 16 * 2 ** 20];

/** What a new volume's fields must be. Source: longhorn-manager:webhook/resources/volume/validator.go Create@v1.8.0..v1.12.1. */
export function checkVolumeFields(change: VolumeChange): void {
  const { spec } = change.volume;
  checkReplicaCount(change);
  checkUblk(change);
  if (spec.dataLocality === 'strict-local' && spec.accessMode === 'rwx' && spec.migratable !== true) {
    refuse(
      change,
      'access mode rwx (migratable: false) is incompatible with data locality strict-local mode',
      'spec.dataLocality and spec.migratable and spec.accessMode',
    );
  }
  checkBackupBlockSize(change);
  checkBandwidth(change);
}

export function checkReplicaCount(change: VolumeChange): void {
  const { spec } = change.volume;
  const count = spec.numberOfReplicas;
  if (count < 1 || count > 20)
    refuse(change, `replica count value ${String(count)} must between 1 to 20`, 'spec.numberOfReplicas');
  if (spec.dataLocality === 'strict-local' && count !== 1) {
    refuse(change, 'number of replica count should be 1 when data locality is strict-local', 'spec.numberOfReplicas');
  }
  const single = since(change, '1.10.0') && !since(change, '1.12.1') && spec.cloneMode === 'linked-clone';
  if (single && count !== 1)
    refuse(change, 'number of replica count must be 1 when clone mode linked-clone', 'spec.numberOfReplicas');
}

export function checkUblk(change: VolumeChange): void {
  if (!since(change, '1.11.0')) return;
  const { ublkQueueDepth: depth = 0, ublkNumberOfQueue: queues = 0 } = change.volume.spec as {
    ublkQueueDepth?: number;
    ublkNumberOfQueue?: number;
  };
  if (depth !== 0 && depth < 32) {
    refuse(
      change,
      `ublk queue depth must be either 0 (meaning unspecified) or at least 32. Got ${String(depth)}`,
      'spec.ublkQueueDepth',
    );
  }
  if (queues < 0) {
    refuse(
      change,
      `ublk number of queues must be either 0 (meaning unspecified) or at least 1. Got ${String(queues)}`,
      'spec.ublkNumberOfQueue',
    );
  }
}

/** Source: longhorn-manager:types/types.go ValidateBackupBlockSize@v1.10.0. */
export function backupBlockFault(sizeBytes: number, blockBytes: number): string | undefined {
  if (!backupBlockBytes.includes(blockBytes)) return `unsupported BackupBlockSize: ${String(blockBytes)}`;
  if (sizeBytes % blockBytes === 0) return undefined;
  return `volume size ${String(sizeBytes)} must be an integer multiple of the backup block size ${String(blockBytes)}`;
}

export function checkBackupBlockSize(change: VolumeChange): void {
  if (!since(change, '1.10.0')) return;
  const { spec } = change.volume;
  const fault = backupBlockFault(Number(spec.size), Number(spec['backupBlockSize'] ?? 0));
  if (fault !== undefined) refuse(change, fault, 'spec.backupBlockSize');
}

export function checkBandwidth(change: VolumeChange): void {
  const { spec } = change.volume;
  if (
    since(change, '1.10.0') &&
    Number(spec['replicaRebuildingBandwidthLimit'] ?? 0) !== 0 &&
    spec.dataEngine === 'v1'
  ) {
    refuse(
      change,
      'replicaRebuildingBandwidthLimit is not supported for data engine v1',
      'spec.replicaRebuildingBandwidthLimit',
    );
  }
}

/** Size and name, which longhorn-manager checks last. Source: longhorn-manager:datastore/longhorn.go CheckVolume@v1.8.0, v1.12.1. */
export function checkVolumeIdentity(change: VolumeChange): void {
  const { metadata, spec } = change.volume;
  if (spec['encrypted'] === true && Number(spec.size) <= 16 * 2 ** 20) {
    throw invalid(
      `invalid volume size ${spec.size}, need to be bigger than 16MiB, default LUKS2 header size for encryption`,
    );
  }
  const [complaint] = nameErrors({ group: '', plural: 'namespaces' }, metadata.name);
  if (complaint !== undefined) {
    const words = complaint.message.slice(`Invalid value: ${JSON.stringify(metadata.name)}: `.length);
    throw invalid(`invalid volume name: [${words}]`);
  }
  if (metadata.name.length > longestName) {
    throw invalid(`volume name is too long ${metadata.name}, must be less than ${String(longestName)} characters`);
  }
}

export function checkSnapshotLimits(change: VolumeChange): void {
  const { spec } = change.volume;
  const count = spec.snapshotMaxCount ?? 250;
  if (count < 2 || count > 250) throw invalid('snapshot max count should be between 2 to 250', 'spec.snapshotMaxCount');
  const limit = Number(spec.snapshotMaxSize ?? 0);
  if (limit !== 0 && limit < 2 * Number(spec.size)) {
    throw invalid('snapshot max size can not be 0 and at least twice of volume size', 'spec.snapshotMaxSize');
  }
  const target = textOf(spec['backupTargetName']);
  if (target === '') {
    const when = 'when creating a volume or updating from an existing backup target';
    throw invalid(`backup target name cannot be empty ${when}`, 'spec.backupTargetName');
  }
  if (change.old !== undefined && target === textOf(change.old.spec['backupTargetName'])) return;
  const known = change.cluster.store.get({
    resource: 'backuptargets.longhorn.io',
    namespace: 'longhorn-system',
    name: target,
  });
  if (known === undefined) {
    throw invalid(
      `failed to get backup target ${target}: backuptarget.longhorn.io "${target}" not found`,
      'spec.backupTargetName',
    );
  }
}
