import type {
  BackingImage,
  BackingImageDataSource,
  BackingImageManager,
} from '../../../embedded/controlplane/longhorn/model/backing-image.ts';
import type { Engine } from '../../../embedded/controlplane/longhorn/model/engine.ts';
import type { EngineFrontend } from '../../../embedded/controlplane/longhorn/model/engine-frontend.ts';
import type { InstanceManager, Node, Orphan, Setting } from '../../../embedded/controlplane/longhorn/model/node.ts';
import type { Replica } from '../../../embedded/controlplane/longhorn/model/replica.ts';
import type { Snapshot, Volume, VolumeAttachment } from '../../../embedded/controlplane/longhorn/model/volume.ts';

/** Longhorn's kinds by their plural. */
export interface Kinds {
  volumes: Volume;
  engines: Engine;
  enginefrontends: EngineFrontend;
  replicas: Replica;
  volumeattachments: VolumeAttachment;
  snapshots: Snapshot;
  backingimages: BackingImage;
  backingimagedatasources: BackingImageDataSource;
  backingimagemanagers: BackingImageManager;
  nodes: Node;
  instancemanagers: InstanceManager;
  settings: Setting;
  orphans: Orphan;
}
export type Plural = keyof Kinds;
export type WithStatus<T extends { status?: unknown }> = T & { status: NonNullable<T['status']> };
