import { ownerReference } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Engine, EngineSpec } from '../model/engine.ts';
import type { Replica, ReplicaSpec } from '../model/replica.ts';
import type { Volume } from '../model/volume.ts';
import type { VolumePass } from './volume-pass.ts';

/** Creates the volume's first engine, `<volume>-e-0`. */
export function createEngine(pass: VolumePass): Engine {
  const { cluster, volume } = pass;
  const engine = cluster.engines.create({
    metadata: {
      name: `${volume.metadata.name}-e-0`,
      labels: { [labelKeys.volume]: volume.metadata.name, [labelKeys.node]: '' },
      ownerReferences: [ownerReference(volume)],
    },
    spec: {
      ...instanceSpec(volume),
      frontend: volume.spec.frontend,
      replicaAddressMap: {},
      upgradedReplicaAddressMap: {},
      backupVolume: '',
      requestedBackupRestore: '',
      requestedDataSource: '',
      disableFrontend: false,
      active: true,
      snapshotMaxCount: volume.spec.snapshotMaxCount ?? 0,
      snapshotMaxSize: volume.spec.snapshotMaxSize ?? '0',
      unmapMarkSnapChainRemovedEnabled: false,
      revisionCounterDisabled: volume.spec.revisionCounterDisabled ?? false,
    } satisfies EngineSpec,
  });
  return structuredClone(engine);
}

/** Creates a replica without a place; scheduling follows in the same run. */
export function createReplica(pass: VolumePass, options: { engine: Engine; rebuildRetryCount: number }): Replica {
  const { cluster, volume } = pass;
  const backingImage = volume.spec.backingImage ?? '';
  const created = cluster.replicas.create({
    metadata: {
      name: `${volume.metadata.name}-r-${cluster.names.hex(`replica/${volume.metadata.name}`, 8)}`,
      labels: {
        [labelKeys.volume]: volume.metadata.name,
        [labelKeys.node]: '',
        [labelKeys.diskUuid]: '',
        ...(backingImage === '' ? {} : { [labelKeys.backingImage]: backingImage }),
      },
      ownerReferences: [ownerReference(volume)],
    },
    spec: {
      ...instanceSpec(volume),
      engineName: options.engine.metadata.name,
      migrationEngineName: '',
      healthyAt: '',
      lastHealthyAt: '',
      failedAt: '',
      lastFailedAt: '',
      diskID: '',
      diskPath: '',
      dataDirectoryName: '',
      backingImage,
      active: true,
      hardNodeAffinity: '',
      revisionCounterDisabled: volume.spec.revisionCounterDisabled ?? false,
      unmapMarkDiskChainRemovedEnabled: false,
      rebuildRetryCount: options.rebuildRetryCount,
      evictionRequested: false,
      snapshotMaxCount: volume.spec.snapshotMaxCount ?? 0,
      snapshotMaxSize: volume.spec.snapshotMaxSize ?? '0',
    } satisfies ReplicaSpec,
  });
  const replica = structuredClone(created);
  pass.replicas.set(replica.metadata.name, replica);
  return replica;
}

function instanceSpec(
  volume: Volume,
): Pick<
  EngineSpec,
  'volumeName' | 'volumeSize' | 'nodeID' | 'image' | 'desireState' | 'logRequested' | 'salvageRequested' | 'dataEngine'
> &
  Record<'backendStoreDriver' | 'engineImage', ''> {
  return {
    volumeName: volume.metadata.name,
    volumeSize: volume.spec.size,
    nodeID: '',
    image: volume.spec.image,
    desireState: 'stopped',
    logRequested: false,
    salvageRequested: false,
    dataEngine: volume.spec.dataEngine,
    // Deprecated, and gone since 1.9.0: volume.go, instancemanager.go@v1.8.2.
    backendStoreDriver: '',
    engineImage: '',
  };
}
