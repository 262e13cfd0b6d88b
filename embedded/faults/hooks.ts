/**
 * Where the data plane tells what it does and asks what to do. Every member is optional; without it the data plane does
 * what SPDK and longhorn-spdk-engine do. A fault is a set of hooks made from data: it never changes the engine.
 */
import type { Lvol, LvolParent } from '../dataplane/blobstore/lvol.ts';
import type { Lvstore } from '../dataplane/blobstore/lvstore.ts';
import type { SnapshotInfo } from '../dataplane/contract.ts';

/** Questions of the blobstore. They are asked synchronously, in the middle of an I/O. */
export interface LvolHooks {
  /** A sub-cluster write hits a hole: what fills the rest of the new cluster; bytes are a former owner's. */
  freshCluster?(write: {
    lvol: Lvol;
    index: number;
    within: number;
    length: number;
    backing: LvolParent['kind'];
  }): 'parent' | 'zeros' | 'leave' | Uint8Array;
  unmap?(range: { lvol: Lvol; index: number; whole: boolean; frees: boolean }): 'free' | 'keep';
}

export type RebuildStep =
  | 'suspend-before-snapshot'
  | 'snapshot-sources'
  | 'expose-source'
  | 'destination-head'
  | 'delete-extra-lvols'
  | 'grow-raid'
  | 'resume-after-grow'
  | 'shallow-copy'
  | 'snapshot-destination'
  | 'suspend-before-finish'
  | 'set-head-parent'
  | 'destination-cleanup'
  | 'link-clone-entrypoint'
  | 'mark-read-write'
  | 'resume-after-finish';

export interface RebuildContext {
  engineName: string;
  sourceReplica: string;
  destinationReplica: string;
  sourceStore: Lvstore;
  destinationStore: Lvstore;
}

/** What happened. Told after the fact, in the order in which it happened. */
export type DataPlaneEvent =
  | ({ kind: 'rebuild-step'; step: RebuildStep; snapshotName?: string } & RebuildContext)
  | ({ kind: 'rebuild-ended'; outcome: 'complete' | 'error'; error: string } & RebuildContext)
  /** A snapshot that the target of a rebuild already has, and what is made of it. */
  | {
      kind: 'snapshot-reuse';
      destinationReplica: string;
      source: Lvol;
      existing: Lvol;
      reuse: 'intact' | 'ranges' | 'replace';
    }
  | { kind: 'cluster-copied'; source: string; destination: string; index: number; ordinal: number; total: number }
  | { kind: 'parent-chosen'; destinationReplica: string; snapshotName: string; parent: string }
  | { kind: 'snapshot-created'; replica: string; snapshotName: string; userCreated: boolean; lvol: Lvol }
  | {
      kind: 'write-acked';
      engineName: string;
      connection: number;
      offset: number;
      length: number;
      replicas: readonly string[];
    }
  | {
      kind: 'raid-read';
      engineName: string;
      connection: number;
      slot: number;
      replica: string;
      offset: number;
      length: number;
    }
  /** A node's SPDK target died, with its engines and the services of its replicas; the disks stay as they are. */
  | { kind: 'crashed'; nodeName: string; engines: readonly string[]; lvstores: readonly Lvstore[] }
  | { kind: 'replica-mode'; engineName: string; replica: string; mode: 'RW' | 'WO' | 'ERR' | 'removed' }
  /** The replica's head has grown from that size; nobody has read or written what is new. */
  | { kind: 'replica-expanded'; replica: string; fromBytes: number; lvol: Lvol }
  /** Checked and not yet frozen: `lvol` is still the copy's head. */
  | { kind: 'image-copied'; image: string; lvstoreUuid: string; lvol: Lvol };

export type ClusterCopy =
  | { kind: 'copy' }
  | { kind: 'skip' }
  | { kind: 'replace'; content: Uint8Array }
  | { kind: 'place'; lvol: Lvol; index: number };

export type BaseBdevWrite =
  | { kind: 'apply' }
  /** Acknowledged, never written. */
  | { kind: 'drop' }
  /** The base bdev answers with an error and leaves the raid. */
  | { kind: 'fail' }
  /** An error that the raid does not notice. */
  | { kind: 'fail-unnoticed' }
  /** Acknowledged now, written when the promise resolves, if the lvol is still there then. */
  | { kind: 'later'; when: Promise<void> }
  /**
   * Acknowledged no sooner than the promise resolves, and never when the engine is gone by then; the data is there at
   * once, or then.
   */
  | { kind: 'slow'; when: Promise<void>; lands: 'at-once' | 'then' }
  /** Written with other bytes. */
  | { kind: 'alter'; data: Uint8Array };

export interface DataPlaneHooks extends LvolHooks {
  /** Told of each event. A returned promise holds the step back; I/O events do not wait. */
  event?(event: DataPlaneEvent): void | Promise<void>;

  /** Before a step of a rebuild: run it, leave it out, or let it fail with this message. */
  rebuildStep?(
    step: RebuildStep,
    context: RebuildContext & { snapshotName?: string },
  ): 'run' | 'skip' | { fail: string } | Promise<'run' | 'skip' | { fail: string }>;

  /** The lvol that a rebuilt snapshot hangs on; `''` is none. `wanted` is what the release would choose. */
  rebuildParent?(choice: {
    destinationReplica: string;
    snapshotName: string;
    wanted: string;
    candidates: readonly string[];
    /** The snapshot that is copied. */
    source: Lvol;
    destinationStore: Lvstore;
  }): string;
  /** The lvol that the rebuilt head hangs on at the end; `''` is none. */
  finishParent?(choice: {
    destinationReplica: string;
    wanted: string;
    candidates: readonly string[];
    head: Lvol;
    destinationStore: Lvstore;
  }): string;
  /** Which clusters of a snapshot are copied; by default those that it owns. */
  clustersToCopy?(copy: { source: Lvol; destination: Lvol; owned: readonly number[] }): readonly number[];
  clusterCopy?(copy: { source: Lvol; destination: Lvol; index: number; ordinal: number; total: number }): ClusterCopy;
  /**
   * A stored checksum that a rebuild compares, of the source's or of the destination's snapshot: of the whole snapshot,
   * or of one cluster. `wanted` is what is stored; '' is none.
   */
  snapshotDigest?(digest: { destinationReplica: string; lvol: Lvol; index?: number; wanted: string }): string;
  /** The name under which the destination keeps a rebuilt snapshot. */
  rebuiltSnapshotName?(name: { destinationReplica: string; snapshotName: string }): string;
  /** Lvols that the destination deletes as redundant. */
  extraLvols?(cleanup: {
    destinationReplica: string;
    wanted: readonly string[];
    all: readonly string[];
  }): readonly string[];

  /** A write of the host on its way to one base bdev. */
  baseBdevWrite?(write: {
    engineName: string;
    connection: number;
    replica: string;
    slot: number;
    operation: 'write' | 'write-zeroes' | 'unmap';
    offset: number;
    length: number;
    data: Uint8Array | undefined;
    /** The head that the base bdev exposes. */
    lvol: Lvol;
  }): BaseBdevWrite;
  /** Which lvol answers a read that raid1 gave to this base bdev; by default `lvol`, its head. */
  baseBdevRead?(read: {
    engineName: string;
    replica: string;
    slot: number;
    offset: number;
    length: number;
    lvol: Lvol;
  }): Lvol;
  /** What a command of a read has fetched, on its way to the host; the bytes may be changed. */
  fetched?(read: { engineName: string; replica: string; offset: number; target: Uint8Array }): void;
  /** What a read that raid1 gave to this base bdev waits for before it is done. */
  readDelay?(read: {
    engineName: string;
    replica: string;
    slot: number;
    offset: number;
    length: number;
  }): Promise<void> | undefined;
  /** The slots that this connection's channel knows, out of those that are configured. */
  channelSlots?(channel: { engineName: string; connection: number; configured: readonly number[] }): readonly number[];
  /** Awaited before a replica freezes its head; what is written meanwhile lands in the snapshot. */
  beforeReplicaSnapshot?(snapshot: { engineName: string; replica: string; snapshotName: string }): Promise<void>;
  /** The order in which an engine takes its replicas into the raid: slot 0 first. */
  attachOrder?(attach: { engineName: string; names: readonly string[] }): readonly string[];
  /** The replicas whose heads fill the slots of a raid that is made, slot 0 first. */
  slotsAtAttach?(attach: { engineName: string; names: readonly string[] }): readonly string[];
  /** Mode of a replica at engine creation, when it joins for a rebuild, and after a failed write. */
  replicaMode?(replica: { engineName: string; replica: string; wanted: 'RW' | 'WO' | 'ERR' }): 'RW' | 'WO' | 'ERR';

  /** Whether a snapshot that a user deletes goes on this replica; `replicas` are all that it should go on. */
  deletesSnapshot?(deletion: {
    engineName: string;
    replica: string;
    snapshotName: string;
    replicas: readonly string[];
  }): boolean;
  /** What an engine tells of a snapshot; by default what its first healthy replica has. */
  reportedSnapshot?(report: { engineName: string; snapshot: SnapshotInfo }): SnapshotInfo;

  /** A disk was made and nothing is on it yet. */
  diskCreated?(store: Lvstore): void;
  /** The size an lvol is made or grown with. */
  lvolSizeBytes?(lvol: { lvstoreUuid: string; lvolName: string; wantedBytes: number }): number;
  /** The size of a volume's device. */
  deviceSizeBytes?(device: { engineName: string; wantedBytes: number }): number;
  /** A piece of an image on its way to one disk. */
  imageChunk?(chunk: { image: string; lvstoreUuid: string; offset: number; content: Uint8Array }): Uint8Array;
}
