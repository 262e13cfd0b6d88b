import { clusterBytes } from '../blobstore/cluster-file.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { Lvol } from '../blobstore/lvol.ts';
import type { Lvstore } from '../blobstore/lvstore.ts';
import type { ReplicaInfo, ServiceState } from '../contract.ts';
import {
  backingImageLvolName,
  isCloneEntrypointLvol,
  isLvolOf,
  isSnapshotLvolOf,
  snapshotLvolName,
} from '../lvol-names.ts';
import { type PortRange, PortAllocator } from '../nvmf/port-range.ts';
import type { ReplicaOptions } from '../options.ts';
import { chainMismatch, type ChainRecord, describeSnapshots, recordChain } from './replica-chain.ts';
import { type NodeServices, storeByUuid, storeOf } from './services.ts';
import { hashUnhashed } from './snapshot-hash.ts';

/** Ports that longhorn-manager reserves for a V2 replica; the first exposes the head, the others serve rebuilds. */
const portsPerReplica = 5;

/**
 * One replica: its head and snapshot lvols on one disk, and the head's NVMe-oF subsystem.
 * Source: longhorn-spdk-engine:pkg/spdk/replica.go@44753b56.
 */
export class Replica {
  readonly name: string;
  readonly services: NodeServices;
  readonly store: Lvstore;
  specSizeBytes: number;
  readonly backingImageName: string;
  readonly ports: PortRange;
  /** For what a rebuild exposes: the ports after the head's. */
  readonly rebuildPorts: PortAllocator;
  state: ServiceState = 'running';
  errorMessage = '';
  isRebuilding = false;
  #recorded: ChainRecord;

  constructor(services: NodeServices, options: ReplicaOptions) {
    this.services = services;
    this.name = options.name;
    this.specSizeBytes = options.specSizeBytes;
    this.store = storeByUuid(services, options.lvstoreUuid);
    this.backingImageName = options.backingImageName ?? '';
    const image = this.backingImage();
    if (this.backingImageName !== '' && image === undefined) {
      throw new SpdkError(
        'ENODEV',
        `backing image ${this.backingImageName} of replica ${this.name} is not ready on disk ${this.store.uuid}`,
      );
    }
    const existing = this.store.find(this.name);
    const head = existing ?? this.#makeHead(image);
    // A head that is used again keeps its size: the volume may have been given a larger one while it was detached.
    if (existing !== undefined) this.specSizeBytes = existing.sizeBytes;
    this.ports = services.ports.allocate(portsPerReplica);
    this.rebuildPorts = new PortAllocator(this.ports.first + 1, this.ports.last);
    services.nvmf.stopExposing(this.name);
    services.nvmf.expose(this.name, { kind: 'lvol', lvol: head }, this.ports.first);
    this.#recorded = recordChain(head, this.snapshotLvols());
    // A restarted replica is believed to have the image it was asked for; validation notices when its chain has none.
    if (image !== undefined) this.#recorded.backingImage = image.name;
  }

  get address(): string {
    return `${this.services.ip}:${this.ports.first}`;
  }

  head(): Lvol {
    return this.store.get(this.name);
  }

  /** This disk's copy of the replica's image. */
  backingImage(): Lvol | undefined {
    return this.backingImageName === ''
      ? undefined
      : this.store.find(backingImageLvolName(this.backingImageName, this.store.uuid));
  }

  snapshotLvols(): Lvol[] {
    return this.store.lvols().filter((lvol) => isSnapshotLvolOf(this.name, lvol.name));
  }

  hasSnapshot(snapshotName: string): boolean {
    return this.store.find(snapshotLvolName(this.name, snapshotName)) !== undefined;
  }

  snapshotLvol(snapshotName: string): Lvol {
    const lvol = this.store.find(snapshotLvolName(this.name, snapshotName));
    if (lvol === undefined)
      throw new SpdkError('ENODEV', `cannot find snapshot ${snapshotName} of replica ${this.name}`);
    return lvol;
  }

  info(): ReplicaInfo {
    this.validate();
    const snapshots = this.snapshotLvols();
    const own = [...snapshots, ...(this.store.find(this.name) === undefined ? [] : [this.head()])];
    return {
      name: this.name,
      lvstoreUuid: this.store.uuid,
      diskName: this.store.name,
      specSizeBytes: this.specSizeBytes,
      actualSizeBytes: own.reduce((sum, lvol) => sum + lvol.allocatedClusters * clusterBytes, 0),
      ip: this.services.ip,
      port: this.ports.first,
      state: this.state,
      errorMessage: this.errorMessage,
      rebuilding: this.isRebuilding,
      backingImageName: this.backingImageName,
      snapshots: describeSnapshots(this.name, snapshots),
    };
  }

  /** Compares the lvols with what the service did itself; somebody else's hand in them makes the replica an error. */
  validate(): void {
    if (this.state !== 'running' || this.isRebuilding) return;
    if (this.services.profile.snapshotChecksums === 'every-sync') hashUnhashed(this);
    this.#deleteUnusedEntrypoints();
    const head = this.store.find(this.name);
    const mismatch =
      head === undefined
        ? `cannot find head lvol ${this.name}`
        : chainMismatch(this.#recorded, recordChain(head, this.snapshotLvols()));
    if (mismatch !== '') this.fail(mismatch);
  }

  fail(message: string): void {
    this.state = 'error';
    this.errorMessage = message;
  }

  /** Takes the lvols as they are now for the truth. */
  remember(): void {
    this.#recorded = recordChain(this.head(), this.snapshotLvols());
  }

  snapshotCreate(snapshotName: string, xattrs: Readonly<Record<string, string>>): void {
    const lvol = this.store.snapshot(this.head(), snapshotLvolName(this.name, snapshotName), xattrs);
    this.#changed();
    void this.services.hooks.event?.({
      kind: 'snapshot-created',
      replica: this.name,
      snapshotName,
      userCreated: xattrs['user_created'] === 'true',
      lvol,
    });
  }

  snapshotDelete(snapshotName: string): void {
    const lvol = this.snapshotLvol(snapshotName);
    const entrypoint = [...lvol.clones].find((clone) => isCloneEntrypointLvol(clone.name));
    if (entrypoint !== undefined) {
      throw new SpdkError(
        'EPERM',
        `cannot delete snapshot ${snapshotName}(${lvol.name}) since clone entrypoint ${entrypoint.name} still exists`,
      );
    }
    if (lvol.clones.size > 1) {
      throw new SpdkError(
        'EPERM',
        `cannot delete snapshot ${snapshotName} of replica ${this.name}: it has ${lvol.clones.size} children`,
      );
    }
    this.store.delete(lvol);
    this.#changed();
  }

  /** The head is thrown away and cloned anew from the snapshot. */
  snapshotRevert(snapshotName: string): void {
    const snapshot = this.snapshotLvol(snapshotName);
    this.services.nvmf.stopExposing(this.name);
    this.store.delete(this.head());
    this.exposeHead(this.store.clone(snapshot, this.name));
    this.#changed();
  }

  /** Deletes system snapshots; one that several lvols hang on stays, and up to 1.10.1 one that the head hangs on. */
  snapshotPurge(): void {
    const sparesHeadParent = this.services.profile.purgeOfHeadParent === 'spared';
    for (const lvol of this.snapshotLvols()) {
      if (lvol.xattrs.get('user_created') === 'true' || lvol.clones.size > 1) continue;
      const [child] = lvol.clones;
      if (child !== undefined && isCloneEntrypointLvol(child.name)) continue;
      if (sparesHeadParent && child?.name === this.name) continue;
      this.store.delete(lvol);
    }
    this.#changed();
  }

  /** Only the head grows; snapshots keep their size. Source: pkg/spdk/replica.go Expand@8b93a5453dcd. */
  expand(sizeBytes: number): void {
    if (sizeBytes === this.specSizeBytes) return;
    const head = this.head();
    const fromBytes = head.sizeBytes;
    head.resize(this.lvolBytes(this.name, sizeBytes));
    this.specSizeBytes = sizeBytes;
    void this.services.hooks.event?.({ kind: 'replica-expanded', replica: this.name, fromBytes, lvol: head });
  }

  exposeHead(head: Lvol): void {
    this.services.nvmf.stopExposing(this.name);
    this.services.nvmf.expose(this.name, { kind: 'lvol', lvol: head }, this.ports.first);
  }

  /** Stops the replica; with clean-up its lvols are deleted, leaf first, so that nothing is merged. */
  stop(cleanupRequired: boolean): void {
    const used = this.store
      .lvols()
      .find((lvol) => isLvolOf(this.name, lvol.name) && isCloneEntrypointLvol(lvol.name) && lvol.clones.size > 0);
    if (cleanupRequired && used !== undefined) {
      throw new SpdkError(
        'EBUSY',
        `cannot delete replica ${this.name} with cleanup: clone entrypoint ${used.name} still has ${used.clones.size} active clone replicas`,
      );
    }
    if (this.state !== 'stopped') {
      this.state = 'stopped';
      for (const { name } of this.services.nvmf.subsystems())
        if (isLvolOf(this.name, name)) this.services.nvmf.stopExposing(name);
      this.services.ports.release(this.ports);
    }
    if (!cleanupRequired) return;
    for (;;) {
      const leaf = this.store.lvols().find((lvol) => isLvolOf(this.name, lvol.name) && lvol.clones.size === 0);
      if (leaf === undefined) return;
      storeOf(this.services, leaf).delete(leaf);
    }
  }

  /** Sizes go to SPDK in whole MiB, rounded down (longhorn-spdk-engine:pkg/util BytesToMiB). */
  lvolBytes(lvolName: string, wantedBytes: number): number {
    const wholeMib = Math.floor(wantedBytes / clusterBytes) * clusterBytes;
    return (
      this.services.hooks.lvolSizeBytes?.({ lvstoreUuid: this.store.uuid, lvolName, wantedBytes: wholeMib }) ?? wholeMib
    );
  }

  #makeHead(image: Lvol | undefined): Lvol {
    const newest = this.snapshotLvols().find((lvol) => lvol.clones.size === 0);
    const parent = newest ?? image;
    const bytes = this.lvolBytes(this.name, this.specSizeBytes);
    if (parent === undefined) return this.store.create(this.name, bytes);
    const head = this.store.clone(parent, this.name);
    if (head.sizeBytes !== bytes) head.resize(bytes);
    return head;
  }

  /** An entrypoint that no clone hangs on any more goes at the next look (syncCloneEntrypoints@v1.12.1). */
  #deleteUnusedEntrypoints(): void {
    for (const lvol of this.store.lvols()) {
      const own = isLvolOf(this.name, lvol.name) && isCloneEntrypointLvol(lvol.name);
      if (own && lvol.clones.size === 0) this.store.delete(lvol);
    }
  }

  #changed(): void {
    if (!this.isRebuilding) this.remember();
  }
}
