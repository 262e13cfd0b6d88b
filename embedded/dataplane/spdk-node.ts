import { join } from 'node:path';
import { SpdkError } from './blobstore/errors.ts';
import type { BackingImageInfo, DiskInfo, EngineInfo, ReplicaInfo, SnapshotHashStatus, SpdkNode } from './contract.ts';
import { NodeDisks } from './disks.ts';
import { linkReplicas } from './engine/clone-entrypoint.ts';
import { BackingImageCopy } from './engine/backing-image.ts';
import { Engine } from './engine/engine.ts';
import {
  snapshotCreate,
  snapshotDelete,
  snapshotHash,
  snapshotHashStatus,
  snapshotPurge,
  snapshotRevert,
} from './engine/engine-snapshots.ts';
import { expand } from './engine/expansion.ts';
import { Replica } from './engine/replica.ts';
import { ReplicaAdd } from './engine/replica-add.ts';
import { type NodeServices, storeByUuid } from './engine/services.ts';
import { backingImageLvolName } from './lvol-names.ts';
import type {
  BackingImageOptions,
  DiskOptions,
  EngineOptions,
  LinkedCloneOptions,
  ReplicaAddOptions,
  ReplicaOptions,
} from './options.ts';
import type { Raid1 } from './raid/raid1.ts';
import { RpcServer } from './rpc/rpc-server.ts';

/** One node's SPDK target and spdk engine services. */
export class EmbeddedSpdkNode implements SpdkNode {
  readonly services: NodeServices;
  readonly rpcSocket: string;
  readonly #disks: NodeDisks;
  readonly #stoppedReplicas = new Map<string, Replica>();
  readonly #nodeByName: (nodeName: string) => NodeServices;
  #rpc: RpcServer | undefined;

  constructor(services: NodeServices, nodeByName: (nodeName: string) => NodeServices) {
    this.services = services;
    this.#nodeByName = nodeByName;
    this.#disks = new NodeDisks(services);
    this.rpcSocket = join(services.directory, 'spdk.sock');
    this.#rpc = RpcServer.listen(this.rpcSocket, this);
  }

  get engines(): Map<string, Engine> {
    return this.services.engines;
  }

  get nodeName(): string {
    return this.services.nodeName;
  }

  get ip(): string {
    return this.services.ip;
  }

  raids(): readonly Raid1[] {
    return [...this.engines.values()].map((engine) => engine.device.raid);
  }

  diskPath(diskName: string): string {
    return this.#disks.path(diskName);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the contract leaves room for a slower disk
  async diskCreate(options: DiskOptions): Promise<DiskInfo> {
    return this.#disks.create(options);
  }

  diskDelete(diskName: string): void {
    this.#disks.delete(diskName);
  }

  diskGet(diskName: string): DiskInfo | undefined {
    return this.#disks.get(diskName);
  }

  backingImageCreate(options: BackingImageOptions): void {
    const lvolName = backingImageLvolName(options.name, options.lvstoreUuid);
    storeByUuid(this.services, options.lvstoreUuid);
    if (this.services.images.has(lvolName)) throw new SpdkError('EEXIST', `backing image ${lvolName} already exists`);
    const copy = new BackingImageCopy(this.services, options);
    this.services.images.set(lvolName, copy);
    copy.start(this.#nodeByName);
  }

  backingImageGet(name: string, lvstoreUuid: string): BackingImageInfo | undefined {
    return this.backingImageList().find((image) => image.name === name && image.lvstoreUuid === lvstoreUuid);
  }

  /** A copy whose lvol somebody deleted is no longer reported. */
  backingImageList(): readonly BackingImageInfo[] {
    for (const [lvolName, copy] of this.services.images) {
      if (copy.info().state === 'ready' && copy.lvol() === undefined) this.services.images.delete(lvolName);
    }
    return [...this.services.images.values()].map((copy) => copy.info());
  }

  async backingImageDelete(name: string, lvstoreUuid: string): Promise<void> {
    const lvolName = backingImageLvolName(name, lvstoreUuid);
    await this.services.images.get(lvolName)?.delete();
    this.services.images.delete(lvolName);
  }

  async replicaCreate(options: ReplicaOptions): Promise<ReplicaInfo> {
    const known = this.services.replicas.get(options.name);
    if (known?.state === 'running') throw new SpdkError('EEXIST', `replica ${options.name} already exists and running`);
    if (known !== undefined) await this.replicaDelete({ name: options.name, cleanupRequired: false });
    const replica = new Replica(this.services, options);
    this.services.replicas.set(options.name, replica);
    this.#stoppedReplicas.delete(options.name);
    // Creation answers before the first validation, as the original does.
    return { ...replica.info(), state: 'running', errorMessage: '' };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a gRPC in the original
  async replicaDelete(options: { name: string; cleanupRequired: boolean }): Promise<void> {
    const { name, cleanupRequired } = options;
    const replica = this.services.replicas.get(name) ?? this.#stoppedReplicas.get(name);
    replica?.stop(cleanupRequired);
    this.services.replicas.delete(name);
    // A stopped replica is known until it is cleaned up (longhorn-spdk-engine:pkg/spdk/server.go ReplicaDelete@44753b56).
    if (replica === undefined || cleanupRequired) this.#stoppedReplicas.delete(name);
    else this.#stoppedReplicas.set(name, replica);
  }

  replicaGet(name: string): ReplicaInfo | undefined {
    return this.services.replicas.get(name)?.info();
  }

  async engineCreate(options: EngineOptions): Promise<EngineInfo> {
    if (this.engines.has(options.name))
      throw new SpdkError('EEXIST', `engine ${options.name} already exists on node ${this.nodeName}`);
    const engine = await Engine.create(this.services, options);
    this.engines.set(options.name, engine);
    return engine.info();
  }

  async engineDelete(name: string): Promise<void> {
    const engine = this.engines.get(name);
    this.engines.delete(name);
    await engine?.delete();
  }

  engineGet(name: string): EngineInfo | undefined {
    return this.engines.get(name)?.info();
  }

  async engineReplicaAdd(options: ReplicaAddOptions): Promise<void> {
    await ReplicaAdd.start(this.#engine(options.engineName), options);
  }

  async engineSnapshotClone(options: LinkedCloneOptions): Promise<void> {
    const engine = this.#engine(options.engineName);
    await engine.device.gate.suspend();
    try {
      linkReplicas(engine, options);
    } finally {
      engine.device.gate.resume();
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a gRPC in the original
  async engineReplicaDelete(options: { engineName: string; replicaName: string; address: string }): Promise<void> {
    this.#engine(options.engineName).replicaDelete(options.replicaName, options.address);
  }

  async engineSnapshotCreate(options: {
    engineName: string;
    snapshotName: string;
    userCreated: boolean;
  }): Promise<void> {
    await snapshotCreate(this.#engine(options.engineName), options.snapshotName, options.userCreated);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a gRPC in the original
  async engineSnapshotDelete(options: { engineName: string; snapshotName: string }): Promise<void> {
    snapshotDelete(this.#engine(options.engineName), options.snapshotName);
  }

  async engineSnapshotRevert(options: { engineName: string; snapshotName: string }): Promise<void> {
    await snapshotRevert(this.#engine(options.engineName), options.snapshotName);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a gRPC in the original
  async engineSnapshotPurge(options: { engineName: string }): Promise<void> {
    snapshotPurge(this.#engine(options.engineName));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a gRPC in the original
  async engineSnapshotHash(options: { engineName: string; snapshotName: string; rehash: boolean }): Promise<void> {
    snapshotHash(this.#engine(options.engineName), options.snapshotName, options.rehash);
  }

  engineSnapshotHashStatus(options: { engineName: string; snapshotName: string }): Record<string, SnapshotHashStatus> {
    return snapshotHashStatus(this.#engine(options.engineName), options.snapshotName);
  }

  async engineExpand(options: { engineName: string; sizeBytes: number }): Promise<void> {
    await expand(this.#engine(options.engineName), options.sizeBytes);
  }

  async crash(): Promise<void> {
    const { checksums, replicas, engines, hooks, nodeName, nvmf, stores } = this.services;
    const hashing = checksums.close();
    const dying = [...engines.values()];
    engines.clear();
    for (const engine of dying) engine.device.halt();
    const lvstores = [...stores.values()];
    void hooks.event?.({ kind: 'crashed', nodeName, engines: dying.map(({ name }) => name), lvstores });
    for (const [name, replica] of replicas) {
      replica.stop(false);
      // The next target finds it by its lvols (longhorn-spdk-engine:pkg/spdk/server.go verify@44753b56).
      this.#stoppedReplicas.set(name, replica);
    }
    replicas.clear();
    for (const { name } of nvmf.subsystems()) nvmf.stopExposing(name);
    for (const engine of dying) await engine.crash();
    await hashing;
  }

  async powerOff(): Promise<void> {
    this.services.nvmf.isReachable = false;
    await this.crash();
  }

  powerOn(): Promise<void> {
    this.services.nvmf.isReachable = true;
    return Promise.resolve();
  }

  async close(): Promise<void> {
    for (const name of [...this.engines.keys()]) await this.engineDelete(name);
    for (const copy of this.services.images.values()) await copy.stop();
    await this.services.checksums.close();
    await this.#rpc?.close();
    this.#rpc = undefined;
    await this.#disks.close();
  }

  #engine(name: string): Engine {
    const engine = this.engines.get(name);
    if (engine === undefined) throw new SpdkError('ENODEV', `cannot find engine ${name} on node ${this.nodeName}`);
    return engine;
  }
}
