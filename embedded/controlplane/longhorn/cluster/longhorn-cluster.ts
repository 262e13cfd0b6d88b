import type { ClusterStore, KubeObject, OwnerReference } from '../../../apiserver/store.ts';
import type { Clock } from '../../../clock.ts';
import type { DataPlane } from '../../../dataplane/contract.ts';
import type { VersionProfile } from '../../../versions/profile.ts';
import type { ClusterNetwork } from '../../network.ts';
import type { BackingImage, BackingImageDataSource, BackingImageManager } from '../model/backing-image.ts';
import type { Engine } from '../model/engine.ts';
import type { EngineFrontend } from '../model/engine-frontend.ts';
import type { InstanceManager, Node, Orphan, Setting } from '../model/node.ts';
import type { Replica } from '../model/replica.ts';
import type { SupportBundle } from '../model/support-bundle.ts';
import type { Snapshot, Volume, VolumeAttachment } from '../model/volume.ts';
import { customResourcesOf, longhornApiVersion } from '../resources/custom-resources.ts';
import { settingDefinitions } from '../settings/definitions.ts';
import { createSettings } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { BundleFile } from '../support-bundle/bundle-file.ts';
import { createEventRecorders } from './event-recorder.ts';
import type { RecorderOf } from './event-recorder.ts';
import { labelKeys } from './names.ts';
import type { SeededNames } from './random.ts';
import { createTable } from './table.ts';
import type { Table } from './table.ts';

/** Everything the controllers share: typed objects, settings, the data plane, time, names. */
export interface LonghornCluster {
  readonly store: ClusterStore;
  readonly network: ClusterNetwork;
  readonly dataPlane: DataPlane;
  readonly clock: Clock;
  readonly profile: VersionProfile;
  readonly names: SeededNames;
  readonly signal: AbortSignal;
  readonly settings: Settings;
  readonly recorderOf: RecorderOf;
  /** Where the files of filesystem disks are. */
  readonly directory: string;
  readonly volumes: Table<Volume>;
  readonly engines: Table<Engine>;
  readonly replicas: Table<Replica>;
  /** From 1.12.0 on. */
  readonly engineFrontends: Table<EngineFrontend> | undefined;
  readonly attachments: Table<VolumeAttachment>;
  readonly snapshots: Table<Snapshot>;
  readonly backingImages: Table<BackingImage>;
  readonly dataSources: Table<BackingImageDataSource>;
  readonly fileManagers: Table<BackingImageManager>;
  readonly nodes: Table<Node>;
  readonly instanceManagers: Table<InstanceManager>;
  readonly orphans: Table<Orphan>;
  readonly settingObjects: Table<Setting>;
  readonly supportBundles: Table<SupportBundle>;
  /** Of support bundles that are ready, by name: what is on the disk of their manager pods. */
  readonly bundleFiles: Map<string, BundleFile>;
  replicasOf(volume: string): readonly Replica[];
  enginesOf(volume: string): readonly Engine[];
  engineFrontendsOf(volume: string): readonly EngineFrontend[];
}

export function createLonghornCluster(
  parts: Pick<
    LonghornCluster,
    'store' | 'network' | 'dataPlane' | 'clock' | 'profile' | 'names' | 'signal' | 'directory'
  >,
): LonghornCluster {
  const resources = customResourcesOf(parts.profile.version);
  const table = <T extends KubeObject>(kind: string): Table<T> => {
    const resource = resources.find((candidate) => candidate.kind === kind);
    if (resource === undefined) throw new Error(`Longhorn ${parts.profile.version} has no kind ${kind}.`);
    return createTable<T>(parts.store, { kind, plural: resource.plural, schema: resource.schema ?? {} });
  };
  const settingObjects = table<Setting>('Setting');
  const replicas = table<Replica>('Replica');
  const engines = table<Engine>('Engine');
  const engineFrontends =
    parts.profile.engineFrontends === 'present' ? table<EngineFrontend>('EngineFrontend') : undefined;
  return {
    ...parts,
    settings: createSettings(settingObjects, settingDefinitions(parts.profile)),
    recorderOf: createEventRecorders(parts),
    volumes: table('Volume'),
    engines,
    replicas,
    engineFrontends,
    attachments: table('VolumeAttachment'),
    snapshots: table('Snapshot'),
    backingImages: table('BackingImage'),
    dataSources: table('BackingImageDataSource'),
    fileManagers: table('BackingImageManager'),
    nodes: table('Node'),
    instanceManagers: table('InstanceManager'),
    orphans: table('Orphan'),
    settingObjects,
    supportBundles: table('SupportBundle'),
    bundleFiles: new Map(),
    replicasOf: (volume) => replicas.list({ [labelKeys.volume]: volume }),
    enginesOf: (volume) => engines.list({ [labelKeys.volume]: volume }),
    engineFrontendsOf: (volume) => engineFrontends?.list({ [labelKeys.volume]: volume }) ?? [],
  };
}

/** As Longhorn writes it for a volume's children: without the controller flags. */
export function ownerReference(owner: KubeObject): OwnerReference {
  return { apiVersion: longhornApiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid };
}
