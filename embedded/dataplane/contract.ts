/**
 * What Longhorn's control plane asks of the data plane: per node one SPDK target with the spdk engine's services, as in
 * a v2 instance manager. Names and states are those of longhorn-spdk-engine (facts §5). Every byte is real.
 */
import type { DataPlaneProfile } from '../versions/profile.ts';
import type { Clock } from '../clock.ts';
import type { DataPlaneHooks } from '../faults/hooks.ts';
import type {
  BackingImageOptions,
  DiskOptions,
  EngineOptions,
  LinkedCloneOptions,
  ReplicaAddOptions,
  ReplicaOptions,
} from './options.ts';

export interface DataPlaneOptions {
  /** Directory for disk files and sockets; the data plane owns it and removes what it made. */
  directory: string;
  profile: DataPlaneProfile;
  clock: Clock;
  /** Seeds every random choice: uuids, map orders, slot rotation at attach. */
  seed: string;
  /** Where faults come in; without any, the data plane behaves as the profile says. */
  hooks?: DataPlaneHooks;
  /** What a rebuild waits after each cluster, so that I/O meets it half-way; changes no order. 0 by default. */
  copyPauseMs?: number;
}

export interface DataPlane {
  /** The node's SPDK target, made on first use. `ip` is what replica and engine addresses of the node carry. */
  addNode(nodeName: string, ip: string): SpdkNode;
  node(nodeName: string): SpdkNode;
  nodes(): readonly SpdkNode[];
  /** Stops exports, closes and removes all files. */
  close(): Promise<void>;
}

export type ServiceState = 'pending' | 'starting' | 'running' | 'stopped' | 'error';
export type ReplicaMode = 'RW' | 'WO' | 'ERR';
export type BackingImageState = 'pending' | 'starting' | 'in-progress' | 'ready' | 'failed' | 'unknown';
export type RebuildState = 'starting' | 'in_progress' | 'complete' | 'error';

export interface DiskInfo {
  /** Name of the lvstore and of the aio bdev. */
  diskName: string;
  lvstoreUuid: string;
  path: string;
  totalBytes: number;
  freeBytes: number;
  clusterBytes: number;
  blockBytes: number;
}

export interface BackingImageInfo {
  /** The Longhorn name; the lvol is `bi-<name>-disk-<lvstoreUuid>`. */
  name: string;
  backingImageUuid: string;
  lvstoreUuid: string;
  lvolName: string;
  sizeBytes: number;
  /** 0 to 100. */
  progress: number;
  state: BackingImageState;
  /** sha512 of the raw content, once ready. */
  currentChecksum: string;
  errorMessage: string;
}

export interface SnapshotInfo {
  name: string;
  parent: string;
  children: string[];
  userCreated: boolean;
  creationTime: string;
  sizeBytes: number;
  checksum: string;
}

export interface ReplicaInfo {
  name: string;
  lvstoreUuid: string;
  diskName: string;
  specSizeBytes: number;
  actualSizeBytes: number;
  ip: string;
  port: number;
  state: ServiceState;
  errorMessage: string;
  rebuilding: boolean;
  backingImageName: string;
  /** Without the pseudo entry `volume-head`. */
  snapshots: Record<string, SnapshotInfo>;
}

export interface RebuildInfo {
  replicaName: string;
  /** `tcp://ip:port` of the replica that is rebuilt. */
  address: string;
  fromAddress: string;
  state: RebuildState;
  progress: number;
  error: string;
}

export interface EngineInfo {
  name: string;
  volumeName: string;
  specSizeBytes: number;
  /** Bytes allocated in the chain of one healthy replica. */
  actualSizeBytes: number;
  ip: string;
  port: number;
  state: ServiceState;
  errorMessage: string;
  /** `/dev/longhorn/<volume>` for the blockdev frontend. */
  endpoint: string;
  /** Where that device really is: `nbd+unix:///?socket=…`. Empty while there is no frontend. */
  deviceUri: string;
  replicaAddresses: Record<string, string>;
  replicaModes: Record<string, ReplicaMode>;
  snapshots: Record<string, SnapshotInfo>;
  /** Only while a replica is WO, as the proxy shows it. */
  rebuilds: Record<string, RebuildInfo>;
  /** By replica; empty unless the volume is a clone. */
  clones: Record<string, CloneInfo>;
}

/** How one replica of a clone got the source's snapshot. */
export interface CloneInfo {
  /** `tcp://ip:port` of the replica of the clone. */
  address: string;
  fromAddress: string;
  snapshotName: string;
  state: RebuildState;
  progress: number;
  error: string;
}

export interface SnapshotHashStatus {
  /** Empty before it was asked for. */
  state: '' | 'in_progress' | 'complete' | 'error';
  checksum: string;
  error: string;
}

export interface SpdkNode {
  readonly nodeName: string;
  readonly ip: string;
  /** SPDK's JSON-RPC (`bdev_get_bdevs`, …) on this Unix socket, for `go-spdk-helper`. */
  readonly rpcSocket: string;

  diskCreate(options: DiskOptions): Promise<DiskInfo>;
  diskGet(diskName: string): DiskInfo | undefined;
  /** Lets the disk go, with what is on it; one that is not there is no error. */
  diskDelete(diskName: string): void;

  /** The target dies and comes back: engines and replica services are gone, what is on the disks stays. */
  crash(): Promise<void>;
  /** The target dies, and nothing answers at its address until the node is back. */
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;

  /** Answers at once; progress shows in `backingImageGet`. Copy-in and checksum run in the background. */
  backingImageCreate(options: BackingImageOptions): void;
  backingImageGet(name: string, lvstoreUuid: string): BackingImageInfo | undefined;
  backingImageList(): readonly BackingImageInfo[];
  backingImageDelete(name: string, lvstoreUuid: string): Promise<void>;

  replicaCreate(options: ReplicaOptions): Promise<ReplicaInfo>;
  /** Without clean-up the lvols stay and the replica can be started again. */
  replicaDelete(options: { name: string; cleanupRequired: boolean }): Promise<void>;
  replicaGet(name: string): ReplicaInfo | undefined;

  engineCreate(options: EngineOptions): Promise<EngineInfo>;
  engineDelete(name: string): Promise<void>;
  engineGet(name: string): EngineInfo | undefined;
  /** Starts the rebuild of a replica; returns once it is WO. Progress shows in `engineGet`. */
  engineReplicaAdd(options: ReplicaAddOptions): Promise<void>;
  /** Makes all replicas linked clones of the source's snapshot; `sourceReplicas` names for each the one on its disk. */
  engineSnapshotClone(options: LinkedCloneOptions): Promise<void>;
  engineReplicaDelete(options: { engineName: string; replicaName: string; address: string }): Promise<void>;
  engineSnapshotCreate(options: { engineName: string; snapshotName: string; userCreated: boolean }): Promise<void>;
  engineSnapshotDelete(options: { engineName: string; snapshotName: string }): Promise<void>;
  engineSnapshotRevert(options: { engineName: string; snapshotName: string }): Promise<void>;
  /** Removes system snapshots; that of the head's parent depends on the release. */
  engineSnapshotPurge(options: { engineName: string }): Promise<void>;
  /** Has every RW replica compute the snapshot's checksum; one that is there already is computed anew with `rehash` only. */
  engineSnapshotHash(options: { engineName: string; snapshotName: string; rehash: boolean }): Promise<void>;
  /** By address `ip:port` of each RW replica. */
  engineSnapshotHashStatus(options: {
    engineName: string;
    snapshotName: string;
  }): Readonly<Record<string, SnapshotHashStatus>>;
  engineExpand(options: { engineName: string; sizeBytes: number }): Promise<void>;
}
