import { join } from 'node:path';
import { clusterBytes } from '../blobstore/cluster-file.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { CloneInfo, EngineInfo, RebuildInfo, ReplicaMode, ServiceState } from '../contract.ts';
import { NbdServer } from '../nbd/server.ts';
import { NvmeBdev } from '../nvmf/nvmf-target.ts';
import type { PortRange } from '../nvmf/port-range.ts';
import type { EngineOptions } from '../options.ts';
import { Raid1 } from '../raid/raid1.ts';
import { VolumeDevice } from '../raid/volume-device.ts';
import { seededRandom } from '../random.ts';
import { attachOrder, countAttach } from './attach-order.ts';
import { describeSnapshots } from './replica-chain.ts';
import type { Replica } from './replica.ts';
import { type NodeServices, withoutScheme } from './services.ts';

/** A replica as the engine knows it. */
export interface ReplicaConnection {
  readonly name: string;
  address: string;
  mode: ReplicaMode;
  bdev: NvmeBdev | undefined;
}

/**
 * The engine of one volume: a raid1 bdev over its replicas' heads and the frontend on top.
 * Source: longhorn-spdk-engine:pkg/spdk/engine.go@44753b56.
 */
export class Engine {
  readonly name: string;
  readonly services: NodeServices;
  readonly device: VolumeDevice;
  readonly replicas = new Map<string, ReplicaConnection>();
  readonly rebuilds = new Map<string, RebuildInfo>();
  readonly clones = new Map<string, CloneInfo>();
  readonly port: PortRange;
  /** Ends rebuilds when the engine goes away. */
  readonly stopped = new AbortController();
  readonly running = new Set<Promise<void>>();
  rebuildCount = 0;
  specSizeBytes: number;
  readonly #options: EngineOptions;
  #state: ServiceState = 'running';
  #errorMessage = '';
  #server: NbdServer | undefined;

  private constructor(services: NodeServices, options: EngineOptions) {
    this.services = services;
    this.name = options.name;
    this.#options = options;
    const attach = countAttach(services, options.name);
    const bdevs = this.#connectReplicas(attach);
    // After an expansion while it was detached the replicas are still of the old size: the engine is told to expand later.
    const sizes = [...this.replicas.values()].flatMap(({ name }) => this.replicaService(name)?.specSizeBytes ?? []);
    this.specSizeBytes = Math.min(options.specSizeBytes, ...sizes);
    const raid = new Raid1(options.name, seededRandom(services.seed, 'raid', options.name, attach).uuid(), bdevs);
    this.device = new VolumeDevice({
      engineName: options.name,
      raid,
      hooks: services.hooks,
      thread: services.thread,
      blockBytes: 512,
      onBaseBdevFailed: (bdev) => {
        this.#onBaseBdevFailed(bdev);
      },
    });
    this.port = services.ports.allocate(1);
  }

  /** With no replica that answers the engine is made nevertheless, in state `error`, and its device gives EIO. */
  static async create(services: NodeServices, options: EngineOptions): Promise<Engine> {
    const engine = new Engine(services, options);
    const { raid } = engine.device;
    if (raid.configuredSlots().length === 0) engine.fail(`engine ${options.name} has no available replica`);
    services.nvmf.expose(options.name, { kind: 'raid', name: raid.name, uuid: raid.uuid }, engine.port.first);
    if (options.frontend === 'spdk-tcp-blockdev' && engine.#state === 'running') {
      engine.#server = await NbdServer.listen({
        socketPath: join(services.directory, `e${engine.port.first}.nbd`),
        exportName: options.volumeName,
        device: engine.device,
      });
    }
    return engine;
  }

  get frontend(): EngineOptions['frontend'] {
    return this.#options.frontend;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  info(): EngineInfo {
    this.#validateReplicas();
    const healthy = this.#firstHealthy();
    const snapshots = healthy?.snapshotLvols() ?? [];
    return {
      name: this.name,
      volumeName: this.#options.volumeName,
      specSizeBytes: this.specSizeBytes,
      actualSizeBytes: [...snapshots, ...(healthy === undefined ? [] : [healthy.head()])].reduce(
        (sum, lvol) => sum + lvol.allocatedClusters * clusterBytes,
        0,
      ),
      ip: this.services.ip,
      port: this.port.first,
      state: this.#state,
      errorMessage: this.#errorMessage,
      endpoint: this.#endpoint(),
      deviceUri: this.#server?.uri ?? '',
      replicaAddresses: Object.fromEntries([...this.replicas.values()].map(({ name, address }) => [name, address])),
      replicaModes: Object.fromEntries([...this.replicas.values()].map(({ name, mode }) => [name, mode])),
      snapshots: this.#reported(describeSnapshots(healthy?.name ?? '', snapshots)),
      rebuilds: Object.fromEntries(
        [...this.rebuilds].filter(([, rebuild]) => this.replicas.get(rebuild.replicaName)?.mode === 'WO'),
      ),
      clones: Object.fromEntries(this.clones),
    };
  }

  /** The replica's service on its own node; undefined when it is gone. */
  replicaService(name: string): Replica | undefined {
    const connection = this.replicas.get(name);
    return connection === undefined ? undefined : this.services.peer(connection.address).replicas.get(name);
  }

  connectionsInMode(mode: ReplicaMode): ReplicaConnection[] {
    return [...this.replicas.values()].filter((connection) => connection.mode === mode);
  }

  setMode(connection: ReplicaConnection, mode: ReplicaMode): void {
    connection.mode = mode;
    void this.services.hooks.event?.({ kind: 'replica-mode', engineName: this.name, replica: connection.name, mode });
  }

  /** From now on the engine is in state `error`, for that reason. */
  fail(message: string): void {
    this.#state = 'error';
    this.#errorMessage = message;
  }

  /** Attaches the replica's head as `<replica>n1`. */
  connect(name: string, address: string): NvmeBdev {
    const target = this.services.peer(address).nvmf;
    const subsystem = target.find(name);
    if (subsystem === undefined)
      throw new SpdkError('EIO', `cannot connect to replica ${name} at ${address}: no such subsystem`);
    const bdev = new NvmeBdev(target, subsystem, 'exclusive_write');
    this.services.attached.set(bdev.bdevName, bdev);
    return bdev;
  }

  /** Takes a replica out, by name or by address. One that is being rebuilt loses its rebuild. */
  replicaDelete(name: string, address: string): void {
    const plain = withoutScheme(address);
    const connection = this.replicas.get(name) ?? [...this.replicas.values()].find((known) => known.address === plain);
    if (connection === undefined) return;
    if (connection.bdev !== undefined) {
      this.device.raid.remove(connection.bdev.bdevName);
      connection.bdev.detach();
      this.services.attached.delete(connection.bdev.bdevName);
    }
    this.replicas.delete(connection.name);
    void this.services.hooks.event?.({
      kind: 'replica-mode',
      engineName: this.name,
      replica: connection.name,
      mode: 'removed',
    });
  }

  /** Ends at once: connections break, and what was on its way is lost. */
  async crash(): Promise<void> {
    this.device.halt();
    await this.#server?.close();
    this.#server = undefined;
    await this.delete();
  }

  async delete(): Promise<void> {
    this.#state = 'stopped';
    this.stopped.abort(new Error(`engine ${this.name} was deleted`));
    await Promise.allSettled(this.running);
    await this.#server?.close();
    this.services.nvmf.stopExposing(this.name);
    this.services.ports.release(this.port);
    for (const { bdev } of this.replicas.values()) {
      bdev?.detach();
      if (bdev !== undefined) this.services.attached.delete(bdev.bdevName);
    }
    this.replicas.clear();
  }

  #connectReplicas(attach: number): NvmeBdev[] {
    const bdevs: NvmeBdev[] = [];
    for (const name of attachOrder(this.services, this.#options, attach)) {
      const address = withoutScheme(this.#options.replicaAddresses[name] ?? '');
      const connection: ReplicaConnection = { name, address, mode: 'ERR', bdev: undefined };
      this.replicas.set(name, connection);
      try {
        connection.bdev = this.connect(name, address);
        const wanted: ReplicaMode = 'RW';
        this.setMode(
          connection,
          this.services.hooks.replicaMode?.({ engineName: this.name, replica: name, wanted }) ?? wanted,
        );
        if (connection.mode !== 'ERR') bdevs.push(connection.bdev);
      } catch {
        // The engine goes on with the replicas that it can reach.
        this.setMode(connection, 'ERR');
      }
    }
    const names = bdevs.map(({ name }) => name);
    const slots = this.services.hooks.slotsAtAttach?.({ engineName: this.name, names }) ?? names;
    return slots.flatMap((name) => bdevs.find((bdev) => bdev.name === name) ?? []);
  }

  #endpoint(): string {
    if (this.#state !== 'running') return '';
    switch (this.#options.frontend) {
      case 'spdk-tcp-blockdev':
        return `/dev/longhorn/${this.#options.volumeName}`;
      case 'spdk-tcp-nvmf':
        return `nvmf://${this.services.ip}:${this.port.first}/nqn.2023-01.io.longhorn.spdk:${this.name}`;
      case '':
        return '';
    }
  }

  #reported(snapshots: EngineInfo['snapshots']): EngineInfo['snapshots'] {
    const { hooks } = this.services;
    const told = Object.entries(snapshots).map(([name, snapshot]) => {
      return [name, hooks.reportedSnapshot?.({ engineName: this.name, snapshot }) ?? snapshot] as const;
    });
    return Object.fromEntries(told);
  }

  #firstHealthy(): Replica | undefined {
    for (const { name } of this.connectionsInMode('RW')) {
      const replica = this.replicaService(name);
      if (replica?.store.find(name) !== undefined) return replica;
    }
    return undefined;
  }

  /** A replica whose service is gone or in error counts as ERR from the next look on. */
  #validateReplicas(): void {
    if (!this.isRunning) return;
    for (const connection of this.replicas.values()) {
      if (connection.mode === 'ERR') continue;
      const replica = this.replicaService(connection.name);
      replica?.validate();
      if (replica?.state !== 'running') this.setMode(connection, 'ERR');
    }
  }

  #onBaseBdevFailed(bdev: NvmeBdev): void {
    this.services.attached.delete(bdev.bdevName);
    const connection = this.replicas.get(bdev.name);
    if (connection === undefined) return;
    const mode =
      this.services.hooks.replicaMode?.({ engineName: this.name, replica: bdev.name, wanted: 'ERR' }) ?? 'ERR';
    this.setMode(connection, mode);
  }
}
