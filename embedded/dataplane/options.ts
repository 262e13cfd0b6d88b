/** What a node's SPDK services are asked for. */

export interface DiskOptions {
  diskName: string;
  path: string;
  sizeBytes: number;
  /** 0: 4096. */
  blockBytes: number;
}

export type BackingImageSource =
  | { kind: 'stream'; sizeBytes: number; content: AsyncIterable<Uint8Array> }
  | { kind: 'copy'; nodeName: string; lvstoreUuid: string };

export interface BackingImageOptions {
  name: string;
  backingImageUuid: string;
  lvstoreUuid: string;
  sizeBytes: number;
  checksum: string;
  source: BackingImageSource;
}

export interface ReplicaOptions {
  name: string;
  lvstoreUuid: string;
  specSizeBytes: number;
  backingImageName?: string;
}

export interface EngineOptions {
  name: string;
  volumeName: string;
  specSizeBytes: number;
  replicaAddresses: Readonly<Record<string, string>>;
  frontend: 'spdk-tcp-blockdev' | 'spdk-tcp-nvmf' | '';
  /** Of the replicas, only those are taken whose heads own most clusters. */
  salvageRequested?: boolean;
}

export interface ReplicaAddOptions {
  engineName: string;
  replicaName: string;
  address: string;
  /** Whether intact snapshots of a replica that is used again may stay; true when absent. */
  fastSync?: boolean;
  /** Where the volume is a linked clone. */
  linkedClone?: LinkedCloneSource;
}

/** The source of a linked clone: its replica on the new one's disk, and its engine at `ip:port`. */
export interface LinkedCloneSource {
  readonly replicaName: string;
  readonly engineName: string;
  readonly engineAddress: string;
}

export interface LinkedCloneOptions {
  engineName: string;
  snapshotName: string;
  sourceEngineName: string;
  sourceEngineAddress: string;
  sourceReplicas: Readonly<Record<string, string>>;
}
