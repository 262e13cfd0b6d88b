import type { RebuildContext, RebuildStep } from '../../faults/hooks.ts';
import { clusterBytes } from '../blobstore/cluster-file.ts';
import { SpdkError } from '../blobstore/errors.ts';
import { snapshotLvolName } from '../lvol-names.ts';
import type { ReplicaMode } from '../contract.ts';
import { NvmeBdev } from '../nvmf/nvmf-target.ts';
import type { PortRange } from '../nvmf/port-range.ts';
import { seededRandom } from '../random.ts';
import type { LinkedCloneSource, ReplicaAddOptions } from '../options.ts';
import { linkRebuilt, requireSourceServes } from './clone-entrypoint.ts';
import { snapshotWithoutSuspend } from './engine-snapshots.ts';
import type { Engine, ReplicaConnection } from './engine.ts';
import { RebuildDestination } from './rebuild-destination.ts';
import type { Replica } from './replica.ts';
import { withoutScheme } from './services.ts';
import { type SourceSnapshot, sourceSnapshots } from './source-snapshots.ts';

const pollSeconds = 3;

/**
 * The rebuild of one replica. `start` ends when the new replica is in the raid and WO; the copies and the switch at the
 * end go on in the background. Source: longhorn-spdk-engine:pkg/spdk/engine.go:1105-1490@44753b56.
 */
export class ReplicaAdd {
  readonly #engine: Engine;
  readonly #context: RebuildContext;
  readonly #source: Replica;
  readonly #destination: Replica;
  readonly #linked: LinkedCloneSource | undefined;
  readonly #snapshotName: string;
  #sourcePort: PortRange | undefined;
  #snapshots: readonly SourceSnapshot[] = [];
  #receiving: RebuildDestination | undefined;
  /** Ends what still runs for this rebuild. */
  readonly #ended = new AbortController();
  #suspended = false;
  #fastSync = true;
  #joined: ReplicaMode = 'WO';

  private constructor(engine: Engine, source: Replica, destination: Replica, linked: LinkedCloneSource | undefined) {
    this.#engine = engine;
    this.#linked = linked;
    this.#source = source;
    this.#destination = destination;
    this.#context = {
      engineName: engine.name,
      sourceReplica: source.name,
      destinationReplica: destination.name,
      sourceStore: source.store,
      destinationStore: destination.store,
    };
    this.#snapshotName = `rebuild-${seededRandom(engine.services.seed, 'rebuild', engine.name, destination.name, engine.rebuildCount++).hex(8)}`;
  }

  static async start(engine: Engine, options: Omit<ReplicaAddOptions, 'engineName'>): Promise<void> {
    const { replicaName, linkedClone } = options;
    const address = withoutScheme(options.address);
    if (!engine.isRunning)
      throw new SpdkError('EIO', `invalid state for engine ${engine.name} replica ${replicaName} add start`);
    if (engine.replicas.has(replicaName)) throw new SpdkError('EEXIST', `replica ${replicaName} already exists`);
    const [busy] = engine.connectionsInMode('WO');
    if (busy !== undefined) {
      throw new SpdkError(
        'EBUSY',
        `cannot add a new replica ${replicaName} since there is already a rebuilding replica ${busy.name}`,
      );
    }
    if (linkedClone !== undefined) requireSourceServes(engine, linkedClone);
    const healthy = engine.connectionsInMode('RW');
    const random = seededRandom(engine.services.seed, 'source', engine.name, replicaName);
    const chosen = healthy[random.integer(healthy.length)];
    const source = chosen === undefined ? undefined : engine.replicaService(chosen.name);
    const destination = engine.services.peer(address).replicas.get(replicaName);
    if (source === undefined)
      throw new SpdkError('EIO', `cannot find an RW replica in engine ${engine.name} for replica ${replicaName} add`);
    if (destination === undefined) throw new SpdkError('ENODEV', `cannot find replica ${replicaName} at ${address}`);
    const add = new ReplicaAdd(engine, source, destination, linkedClone);
    add.#fastSync = options.fastSync ?? true;
    await add.#start(address);
  }

  async #start(address: string): Promise<void> {
    const connection: ReplicaConnection = { name: this.#destination.name, address, mode: 'WO', bdev: undefined };
    try {
      await this.#step('suspend-before-snapshot', () => this.#suspend());
      await this.#step('snapshot-sources', () => snapshotWithoutSuspend(this.#engine, this.#snapshotName, false));
      this.#snapshots = sourceSnapshots(this.#source);
      await this.#step('expose-source', () => {
        this.#exposeSource();
      });
      await this.#step('destination-head', () => {
        this.#connectDestination();
      });
      await this.#step('delete-extra-lvols', () => {
        this.#receiving?.deleteExtraLvols();
      });
      connection.bdev = this.#engine.connect(connection.name, address);
      await this.#step('grow-raid', () => {
        if (connection.bdev !== undefined) this.#engine.device.raid.grow(connection.bdev);
      });
      this.#engine.replicas.set(connection.name, connection);
      this.#joined = this.#modeAtJoining();
      this.#engine.setMode(connection, this.#joined);
      this.#report('in_progress', 0, '');
    } catch (error) {
      this.#engine.replicas.set(connection.name, connection);
      this.#fail(connection, error);
      this.#release();
      throw error;
    } finally {
      await this.#step('resume-after-grow', () => {
        this.#resume();
      });
    }
    const running = this.#finishInBackground(connection).finally(() => {
      this.#engine.running.delete(running);
    });
    this.#engine.running.add(running);
  }

  async #finishInBackground(connection: ReplicaConnection): Promise<void> {
    const { hooks } = this.#engine.services;
    let failure = '';
    try {
      for (const snapshot of this.#snapshots) await this.#copySnapshot(snapshot, connection);
      await this.#finish(connection);
      this.#report('complete', 100, '');
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      this.#fail(connection, error);
    } finally {
      this.#ended.abort(new Error(`the rebuild of ${this.#destination.name} has ended`));
      this.#resume();
      this.#release();
    }
    await hooks.event?.({
      kind: 'rebuild-ended',
      outcome: failure === '' ? 'complete' : 'error',
      error: failure,
      ...this.#context,
    });
  }

  /** Prepares, copies and freezes one snapshot; the state of the copy is looked at every three seconds. */
  async #copySnapshot(snapshot: SourceSnapshot, connection: ReplicaConnection): Promise<void> {
    const receiving = this.#receiving;
    if (receiving === undefined) return;
    await this.#step(
      'shallow-copy',
      async () => {
        this.#assertStillWanted(connection);
        const rebuilding = receiving.prepare(snapshot);
        let outcome: { kind: 'copying' } | { kind: 'done' } | { kind: 'failed'; error: unknown } = { kind: 'copying' };
        const look = (): typeof outcome => outcome;
        const copying = AbortSignal.any([this.#engine.stopped.signal, this.#ended.signal]);
        void receiving.shallowCopy(snapshot, rebuilding, copying).then(
          () => {
            outcome = { kind: 'done' };
          },
          (error: unknown) => {
            outcome = { kind: 'failed', error };
          },
        );
        while (look().kind === 'copying') {
          await this.#engine.services.clock.sleep(pollSeconds, this.#engine.stopped.signal);
          this.#assertStillWanted(connection);
          this.#report('in_progress', this.#progress(receiving), '');
        }
        const ended = look();
        if (ended.kind === 'failed') throw ended.error;
      },
      snapshot.name,
    );
    await this.#step(
      'snapshot-destination',
      () => {
        receiving.snapshotCreate(snapshot);
      },
      snapshot.name,
    );
  }

  async #finish(connection: ReplicaConnection): Promise<void> {
    const receiving = this.#receiving;
    await this.#step('suspend-before-finish', () => this.#suspend());
    this.#assertStillWanted(connection);
    await this.#step('set-head-parent', () => {
      receiving?.setHeadParent();
    });
    await this.#step('destination-cleanup', () => {
      receiving?.cleanUp();
    });
    const linked = this.#linked;
    if (linked !== undefined) {
      await this.#step('link-clone-entrypoint', () => {
        linkRebuilt({ engine: this.#engine, source: this.#source, destination: this.#destination, linked });
      });
    }
    await this.#step('mark-read-write', () => {
      this.#engine.setMode(connection, 'RW');
    });
    receiving?.end();
    this.#destination.remember();
    await this.#step('resume-after-finish', () => {
      this.#resume();
    });
  }

  #exposeSource(): void {
    const source = this.#source;
    this.#sourcePort = source.rebuildPorts.allocate(1);
    const lvol = source.snapshotLvol(this.#snapshotName);
    source.services.nvmf.expose(lvol.name, { kind: 'lvol', lvol }, this.#sourcePort.first);
  }

  #connectDestination(): void {
    const exposed = snapshotLvolName(this.#source.name, this.#snapshotName);
    const target = this.#source.services.nvmf;
    const subsystem = target.find(exposed);
    if (subsystem === undefined) throw new SpdkError('ENODEV', `snapshot ${exposed} is not exposed at ${target.ip}`);
    this.#receiving = new RebuildDestination(this.#destination, {
      snapshots: this.#snapshots,
      external: new NvmeBdev(target, subsystem, 'read_many_write_none'),
      externalSnapshot: this.#snapshotName,
      fastSync: this.#fastSync,
    });
  }

  async #step(step: RebuildStep, run: () => void | Promise<void>, snapshotName?: string): Promise<void> {
    const { hooks } = this.#engine.services;
    const details = snapshotName === undefined ? {} : { snapshotName };
    const decision = (await hooks.rebuildStep?.(step, { ...this.#context, ...details })) ?? 'run';
    if (decision === 'skip') return;
    if (decision !== 'run') throw new SpdkError('EIO', decision.fail);
    await run();
    await hooks.event?.({ kind: 'rebuild-step', step, ...this.#context, ...details });
  }

  async #suspend(): Promise<void> {
    this.#suspended = true;
    await this.#engine.device.gate.suspend();
  }

  #resume(): void {
    if (!this.#suspended) return;
    this.#suspended = false;
    this.#engine.device.gate.resume();
  }

  #modeAtJoining(): ReplicaMode {
    const { hooks } = this.#engine.services;
    return (
      hooks.replicaMode?.({ engineName: this.#engine.name, replica: this.#destination.name, wanted: 'WO' }) ?? 'WO'
    );
  }

  #assertStillWanted(connection: ReplicaConnection): void {
    this.#engine.stopped.signal.throwIfAborted();
    if (this.#engine.replicas.get(connection.name) !== connection || connection.mode !== this.#joined) {
      throw new SpdkError(
        'EIO',
        `replica ${connection.name} was taken out of engine ${this.#engine.name} while it was rebuilding`,
      );
    }
  }

  #fail(connection: ReplicaConnection, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#engine.replicas.get(connection.name) === connection) this.#engine.setMode(connection, 'ERR');
    this.#destination.fail(message);
    this.#report('error', 0, message);
  }

  /** What is no longer needed at both ends. A head that still reads from the source keeps its way there. */
  #release(): void {
    if (this.#destination.isRebuilding) this.#receiving?.end();
    const exposed = snapshotLvolName(this.#source.name, this.#snapshotName);
    const head = this.#destination.store.find(this.#destination.name);
    if (head?.parent.kind === 'esnap' && this.#destination.state === 'running') return;
    this.#source.services.nvmf.stopExposing(exposed);
    if (this.#sourcePort !== undefined) this.#source.rebuildPorts.release(this.#sourcePort);
    this.#sourcePort = undefined;
  }

  #progress(receiving: RebuildDestination): number {
    const total = this.#snapshots.reduce((sum, { allocatedClusters }) => sum + allocatedClusters, 0);
    return total === 0 ? 100 : Math.floor((receiving.copiedClusters * clusterBytes * 100) / (total * clusterBytes));
  }

  #report(state: 'in_progress' | 'complete' | 'error', progress: number, error: string): void {
    const address = `tcp://${this.#destination.address}`;
    this.#engine.rebuilds.set(address, {
      replicaName: this.#destination.name,
      address,
      fromAddress: `tcp://${this.#source.address}`,
      state,
      progress,
      error,
    });
  }
}
