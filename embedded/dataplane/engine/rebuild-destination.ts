import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { clusterBytes } from '../blobstore/cluster-file.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import {
  isBackingImageLvol,
  isExpiredLvolOf,
  isLvolOf,
  rebuildingLvolName,
  snapshotLvolName,
  snapshotNameOf,
} from '../lvol-names.ts';
import { NvmeBdev, type Subsystem } from '../nvmf/nvmf-target.ts';
import type { PortRange } from '../nvmf/port-range.ts';
import { hangOnParent, parentFor } from './rebuild-parent.ts';
import { chainOf } from './replica-chain.ts';
import type { Replica } from './replica.ts';
import { mergeOutdated, reuseOf, type SnapshotReuse } from './snapshot-reuse.ts';
import type { SourceSnapshot } from './source-snapshots.ts';
import { lvolsByName, storeOf } from './services.ts';

/** Lets everything else have its turn, and time where that is asked for. */
async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  if (pauseMs === 0) await nextTurn();
  else await sleep(pauseMs, undefined, { signal });
}

/**
 * The side of a rebuild that receives: a head on top of the source's snapshot first, then one lvol per snapshot, and at
 * the end the head moved onto them. Source: longhorn-spdk-engine:pkg/spdk/replica.go:1607-2330@44753b56.
 */
export class RebuildDestination {
  readonly #replica: Replica;
  readonly #snapshots: readonly SourceSnapshot[];
  readonly #external: NvmeBdev;
  readonly #externalSnapshot: string;
  readonly #port: PortRange;
  readonly #fastSync: boolean;
  #reuse: SnapshotReuse = 'replace';
  #parent: Lvol | undefined;
  #rebuilding: Lvol | undefined;
  #attached: NvmeBdev | undefined;
  copiedClusters = 0;

  /** Deletes the empty head and makes a new one that reads from the source's exposed snapshot. */
  constructor(
    replica: Replica,
    options: {
      snapshots: readonly SourceSnapshot[];
      external: NvmeBdev;
      externalSnapshot: string;
      fastSync: boolean;
    },
  ) {
    this.#replica = replica;
    this.#snapshots = options.snapshots;
    this.#external = options.external;
    this.#externalSnapshot = options.externalSnapshot;
    this.#fastSync = options.fastSync;
    this.#port = replica.rebuildPorts.allocate(1);
    replica.services.attached.set(options.external.bdevName, options.external);
    replica.isRebuilding = true;
    replica.services.nvmf.stopExposing(replica.name);
    const old = replica.store.find(replica.name);
    if (old !== undefined) replica.store.delete(old);
    replica.exposeHead(replica.store.cloneExternal(options.external, replica.name));
    // One that is used again may have been made before the volume grew.
    replica.specSizeBytes = replica.head().sizeBytes;
  }

  /**
   * Deletes what is not expected on the node. Up to 1.8.2 that takes every backing image but the replica's own with it
   * (longhorn/longhorn#10527); one with several clones then fails, because the clone is named without its lvstore.
   */
  deleteExtraLvols(): void {
    const replica = this.#replica;
    const all = [...lvolsByName(replica.services).values()];
    const wanted = all.filter((lvol) => this.#isExtra(lvol)).map((lvol) => lvol.name);
    const names =
      replica.services.hooks.extraLvols?.({
        destinationReplica: replica.name,
        wanted,
        all: all.map((lvol) => lvol.name),
      }) ?? wanted;
    for (const lvol of all) {
      if (!names.includes(lvol.name) || lvol.isDeleted) continue;
      if (lvol.clones.size > 1) {
        const [first] = lvol.clones;
        throw new SpdkError('ENODEV', `failed to detach parent of ${first?.name ?? ''}: No such device`);
      }
      storeOf(replica.services, lvol).delete(lvol);
    }
  }

  #isExtra(lvol: Lvol): boolean {
    const replica = this.#replica;
    if (isBackingImageLvol(lvol.name)) {
      return replica.services.profile.rebuildDeletesOtherBackingImages && lvol !== replica.backingImage();
    }
    if (!isLvolOf(replica.name, lvol.name) || isExpiredLvolOf(replica.name, lvol.name)) return false;
    const known = this.#snapshots.some(({ name }) => name === snapshotNameOf(replica.name, lvol.name));
    return !known && lvol !== this.#rebuilding && !chainOf(replica.head()).includes(lvol);
  }

  /** Makes and exposes `<replica>-rebuilding` for one snapshot, on the parent that the release chooses. */
  prepare(snapshot: SourceSnapshot): Lvol {
    const replica = this.#replica;
    const { store, services } = replica;
    this.#dropRebuildingLvol();
    const existing = this.#takeStock(snapshot);
    const wanted = parentFor(replica, snapshot);
    const chosen =
      services.hooks.rebuildParent?.({
        destinationReplica: replica.name,
        snapshotName: snapshot.name,
        wanted,
        candidates: store
          .lvols()
          .filter((lvol) => lvol.isSnapshot)
          .map((lvol) => lvol.name),
        source: snapshot.lvol,
        destinationStore: store,
      }) ?? wanted;
    const parent = chosen === '' ? undefined : store.find(chosen);
    void services.hooks.event?.({
      kind: 'parent-chosen',
      destinationReplica: replica.name,
      snapshotName: snapshot.name,
      parent: parent?.name ?? '',
    });
    const name = rebuildingLvolName(replica.name);
    const bytes = replica.lvolBytes(name, snapshot.sizeBytes);
    // A parent that is not found is taken for none, without a word.
    const under = existing ?? parent;
    const rebuilding = under === undefined ? store.create(name, bytes) : store.clone(under, name);
    if (rebuilding.sizeBytes !== bytes) rebuilding.resize(bytes);
    this.#parent = parent;
    this.#rebuilding = rebuilding;
    this.#attached = this.#expose(rebuilding);
    return rebuilding;
  }

  /** Copies the snapshot's own clusters, and only those, to the rebuilding lvol. */
  async shallowCopy(snapshot: SourceSnapshot, destination: Lvol, signal: AbortSignal): Promise<void> {
    const { hooks } = this.#replica.services;
    const source = snapshot.lvol;
    if (this.#reuse === 'intact') {
      this.copiedClusters += snapshot.allocatedClusters;
      return;
    }
    const owned = source.ownedClusters();
    if (owned.length !== snapshot.allocatedClusters) {
      throw new SpdkError(
        'EIO',
        `rebuilding dst snapshot ${snapshot.name} recorded actual size ${snapshot.allocatedClusters * clusterBytes} does not match the shallow copy reported total size ${owned.length * clusterBytes}`,
      );
    }
    const lacking = this.#reuse === 'ranges' ? mergeOutdated(this.#replica, snapshot, destination) : owned;
    const indices = hooks.clustersToCopy?.({ source, destination, owned: lacking }) ?? lacking;
    const content = Buffer.alloc(clusterBytes);
    if (this.#attached !== undefined) this.#attached.claim = 'read_many_write_one';
    for (const [ordinal, index] of indices.entries()) {
      signal.throwIfAborted();
      const copy = hooks.clusterCopy?.({ source, destination, index, ordinal, total: indices.length }) ?? {
        kind: 'copy',
      };
      if (copy.kind === 'copy' || copy.kind === 'place') source.read(index * clusterBytes, content);
      if (copy.kind === 'place') copy.lvol.adoptCluster(copy.index, content);
      else if (copy.kind !== 'skip') destination.adoptCluster(index, copy.kind === 'replace' ? copy.content : content);
      this.copiedClusters += 1;
      await hooks.event?.({
        kind: 'cluster-copied',
        source: source.name,
        destination: destination.name,
        index,
        ordinal,
        total: indices.length,
      });
      await pause(this.#replica.services.copyPauseMs, signal);
    }
    if (this.#attached !== undefined) this.#attached.claim = undefined;
  }

  /** Freezes the rebuilding lvol under the snapshot's name; one that is used again only gets the parent that it must have. */
  snapshotCreate(snapshot: SourceSnapshot): void {
    const replica = this.#replica;
    if (this.#reuse === 'intact') {
      hangOnParent({
        replica,
        lvol: replica.store.get(snapshotLvolName(replica.name, snapshot.name)),
        snapshot,
        parent: this.#parent,
      });
      return;
    }
    const rebuilding = this.#rebuilding;
    if (rebuilding === undefined)
      throw new SpdkError('ENODEV', `rebuilding lvol is not existed for dst replica ${replica.name}`);
    const name =
      replica.services.hooks.rebuiltSnapshotName?.({ destinationReplica: replica.name, snapshotName: snapshot.name }) ??
      snapshot.name;
    const lvol = replica.store.snapshot(rebuilding, snapshotLvolName(replica.name, name), snapshot.xattrs);
    if (this.#reuse === 'ranges') hangOnParent({ replica, lvol, snapshot, parent: this.#parent });
    void replica.services.hooks.event?.({
      kind: 'snapshot-created',
      replica: replica.name,
      snapshotName: name,
      userCreated: snapshot.xattrs['user_created'] === 'true',
      lvol,
    });
  }

  /** Moves whatever still reads from the source onto the rebuilt chain. No I/O may run meanwhile. */
  setHeadParent(): void {
    const replica = this.#replica;
    const first = chainOf(replica.head()).at(-1);
    const wanted = snapshotLvolName(replica.name, this.#externalSnapshot);
    const chosen =
      replica.services.hooks.finishParent?.({
        destinationReplica: replica.name,
        wanted,
        candidates: replica.snapshotLvols().map((lvol) => lvol.name),
        head: replica.head(),
        destinationStore: replica.store,
      }) ?? wanted;
    if (first?.parent.kind !== 'esnap') return;
    if (chosen === '') replica.store.orphan(first);
    else replica.store.setParent(first, replica.store.get(chosen));
  }

  /** Disconnects the source, removes the rebuilding lvol, and once more what is not in the chain. */
  cleanUp(): void {
    this.#dropRebuildingLvol();
    this.deleteExtraLvols();
  }

  end(): void {
    const { services, rebuildPorts } = this.#replica;
    this.#dropRebuildingLvol();
    if (services.attached.get(this.#external.bdevName) === this.#external)
      services.attached.delete(this.#external.bdevName);
    rebuildPorts.release(this.#port);
    this.#replica.isRebuilding = false;
  }

  /** Decides about a snapshot that is there already, and answers with it if the rebuilding lvol is to hang on it. */
  #takeStock(snapshot: SourceSnapshot): Lvol | undefined {
    const replica = this.#replica;
    const { store, services } = replica;
    const existing = store.find(snapshotLvolName(replica.name, snapshot.name));
    this.#reuse = 'replace';
    if (existing === undefined) return undefined;
    services.checksums.stop(existing);
    this.#reuse = reuseOf(replica, existing, snapshot, this.#fastSync);
    void services.hooks.event?.({
      kind: 'snapshot-reuse',
      destinationReplica: replica.name,
      source: snapshot.lvol,
      existing,
      reuse: this.#reuse,
    });
    if (this.#reuse === 'intact') return existing;
    for (const clone of [...existing.clones]) store.detachParent(clone);
    if (this.#reuse === 'replace') {
      store.delete(existing);
      return undefined;
    }
    // The rebuilding lvol must be backed by zeroes to be able to free clusters.
    if (existing.parent.kind === 'snapshot') store.detachParent(existing);
    return existing;
  }

  #expose(rebuilding: Lvol): NvmeBdev {
    const { services } = this.#replica;
    const subsystem: Subsystem = services.nvmf.expose(
      rebuilding.name,
      { kind: 'lvol', lvol: rebuilding },
      this.#port.first,
    );
    const bdev = new NvmeBdev(services.nvmf, subsystem, undefined);
    services.attached.set(bdev.bdevName, bdev);
    return bdev;
  }

  #dropRebuildingLvol(): void {
    const { services, store } = this.#replica;
    if (this.#attached !== undefined) services.attached.delete(this.#attached.bdevName);
    this.#attached = undefined;
    if (this.#rebuilding === undefined) return;
    services.nvmf.stopExposing(this.#rebuilding.name);
    store.delete(this.#rebuilding);
    this.#rebuilding = undefined;
  }
}
