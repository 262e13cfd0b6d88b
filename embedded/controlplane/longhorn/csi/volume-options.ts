import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { alignSize } from '../webhooks/volume-defaults.ts';

export type StorageParameters = Readonly<Record<string, string>>;

const minimalSizeBytes = 10 * 2 ** 20;
const defaultStaleReplicaTimeout = 2880;

/** Below 10 MiB is raised to that, then to a multiple of 2 MiB. Source: longhorn-facts §3.4. */
export function provisionedSize(bytes: number): number {
  return alignSize(Math.max(minimalSizeBytes, bytes));
}

/**
 * The volume spec that a StorageClass asks for, with the REST API's defaults (an absent frontend is blockdev, an
 * absent data engine is v1). Source: longhorn-manager:csi/util.go getVolumeOptions, api/volume.go@v1.11.3.
 */
export function volumeSpec(
  cluster: LonghornCluster,
  parameters: StorageParameters,
  request: { sizeBytes: number; accessModes: readonly string[]; dataSource: string },
): Record<string, unknown> {
  const text = (key: string): string => parameters[key] ?? '';
  const dataEngine = text('dataEngine') === 'v2' ? 'v2' : 'v1';
  const replicas = integer(parameters, 'numberOfReplicas');
  const optional = (key: string, value: string): Record<string, string> => (value === '' ? {} : { [key]: value });
  const shared = request.accessModes.some((mode) => mode === 'ReadWriteMany');
  return {
    size: String(request.sizeBytes),
    accessMode: shared ? 'rwx' : 'rwo',
    dataEngine,
    numberOfReplicas: replicas ?? cluster.settings.number('default-replica-count', dataEngine),
    staleReplicaTimeout: integer(parameters, 'staleReplicaTimeout') || defaultStaleReplicaTimeout,
    frontend: text('frontend') === '' ? 'blockdev' : text('frontend'),
    ...optional('backingImage', text('backingImage')),
    ...optional('dataSource', request.dataSource),
    ...optional('cloneMode', text('cloneMode')),
    ...optional('dataLocality', text('dataLocality')),
    ...optional('replicaAutoBalance', text('replicaAutoBalance')),
    ...optional('replicaSoftAntiAffinity', text('replicaSoftAntiAffinity')),
    ...optional('replicaZoneSoftAntiAffinity', text('replicaZoneSoftAntiAffinity')),
    ...optional('replicaDiskSoftAntiAffinity', text('replicaDiskSoftAntiAffinity')),
    ...optional('unmapMarkSnapChainRemoved', text('unmapMarkSnapChainRemoved')),
    ...optional('freezeFilesystemForSnapshot', text('freezeFilesystemForSnapshot')),
    ...optional('backupTargetName', text('backupTargetName')),
    ...optional('fromBackup', text('fromBackup')),
    ...(text('migratable') === '' ? {} : { migratable: text('migratable') === 'true' }),
    ...(text('encrypted') === '' ? {} : { encrypted: text('encrypted') === 'true' }),
    revisionCounterDisabled: text('disableRevisionCounter') !== 'false',
    diskSelector: list(text('diskSelector')),
    nodeSelector: list(text('nodeSelector')),
  };
}

export function list(text: string): string[] {
  return text === '' ? [] : text.split(',').map((entry) => entry.trim());
}

function integer(parameters: StorageParameters, key: string): number | undefined {
  const text = parameters[key];
  if (text === undefined || text === '') return undefined;
  if (!/^-?\d+$/.test(text))
    throw new Error(
      `rpc error: code = InvalidArgument desc = invalid parameter ${key}: strconv.Atoi: parsing "${text}": invalid syntax`,
    );
  return Number(text);
}
