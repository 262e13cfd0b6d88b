import type { Clock } from '../../clock.ts';
import type { DataPlaneHooks } from '../../faults/hooks.ts';
import type { DataPlaneProfile } from '../../versions/profile.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { Lvstore } from '../blobstore/lvstore.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { NvmeBdev, NvmfTarget } from '../nvmf/nvmf-target.ts';
import type { PortAllocator } from '../nvmf/port-range.ts';
import type { SpdkThread } from '../raid/volume-device.ts';
import type { SnapshotChecksums } from '../blobstore/snapshot-checksums.ts';
import type { BackingImageCopy } from './backing-image.ts';
import type { Engine } from './engine.ts';
import type { Replica } from './replica.ts';

/** What the services of one node share: its SPDK target and the way to the other nodes. */
export interface NodeServices {
  readonly nodeName: string;
  readonly ip: string;
  readonly directory: string;
  readonly seed: string;
  readonly clock: Clock;
  readonly profile: DataPlaneProfile;
  readonly hooks: DataPlaneHooks;
  /** What a rebuild waits after each cluster. */
  readonly copyPauseMs: number;
  readonly stores: Map<string, Lvstore>;
  readonly images: Map<string, BackingImageCopy>;
  readonly replicas: Map<string, Replica>;
  readonly engines: Map<string, Engine>;
  readonly checksums: SnapshotChecksums;
  readonly nvmf: NvmfTarget;
  readonly ports: PortAllocator;
  readonly thread: SpdkThread;
  /** NVMe bdevs attached here, by bdev name. */
  readonly attached: Map<string, NvmeBdev>;
  /** The services behind an address `ip:port` (or `tcp://ip:port`), as a gRPC client would reach them. */
  peer(address: string): NodeServices;
}

export function storeByUuid(services: NodeServices, lvstoreUuid: string): Lvstore {
  for (const store of services.stores.values()) if (store.uuid === lvstoreUuid) return store;
  throw new SpdkError('ENODEV', `found zero or multiple lvstore with UUID ${lvstoreUuid} on node ${services.nodeName}`);
}

/** Every lvol of the node's target, also those on its other disks: code above decides by name. */
export function lvolsByName(services: NodeServices): Map<string, Lvol> {
  const all = new Map<string, Lvol>();
  for (const store of services.stores.values()) for (const lvol of store.lvols()) all.set(lvol.name, lvol);
  return all;
}

export function storeOf(services: NodeServices, lvol: Lvol): Lvstore {
  return storeByUuid(services, lvol.store.uuid);
}

export function withoutScheme(address: string): string {
  return address.replace(/^tcp:\/\//, '');
}
