import { seededRandom } from '../random.ts';
import { ClusterFile } from './cluster-file.ts';
import { SpdkError } from './errors.ts';
import { forgetChecksums } from './snapshot-checksums.ts';
import { type ExternalSnapshot, Lvol, type LvolParent, type LvolStore, noParent } from './lvol.ts';
import type { LvolHooks } from '../../faults/hooks.ts';

export interface LvstoreOptions {
  name: string;
  filePath: string;
  sizeBytes: number;
  blockBytes: number;
  seed: string;
  timestamp: () => string;
  hooks: LvolHooks;
}

/**
 * The lvolstore of one disk and the operations on its tree of lvols. Names are unique within it; the alias is
 * `<lvstore>/<lvol>`. Errors are SPDK's: EEXIST, ENODEV, EBUSY, EPERM.
 */
export class Lvstore implements LvolStore {
  /** Another one when the disk is added again under another name. */
  name: string;
  readonly uuid: string;
  readonly blockBytes: number;
  readonly file: ClusterFile;
  readonly hooks: LvolHooks;
  readonly #seed: string;
  readonly #timestamp: () => string;
  readonly #lvols = new Map<string, Lvol>();
  #created = 0;

  constructor(options: LvstoreOptions) {
    this.name = options.name;
    this.blockBytes = options.blockBytes;
    this.hooks = options.hooks;
    this.#seed = options.seed;
    this.#timestamp = options.timestamp;
    this.uuid = seededRandom(options.seed, 'lvstore', options.name).uuid();
    this.file = new ClusterFile(options.filePath, options.sizeBytes);
  }

  lvols(): readonly Lvol[] {
    return [...this.#lvols.values()];
  }

  find(name: string): Lvol | undefined {
    return this.#lvols.get(name);
  }

  get(name: string): Lvol {
    const lvol = this.#lvols.get(name);
    if (lvol === undefined) throw new SpdkError('ENODEV', `lvol ${this.name}/${name}: No such device`);
    return lvol;
  }

  /** A thin lvol without parent. The size is rounded up to whole clusters, as the blobstore does. */
  create(name: string, sizeBytes: number): Lvol {
    return this.#add(name, sizeBytes, noParent);
  }

  /** The snapshot takes the lvol's clusters and parent; the lvol becomes its empty clone. */
  snapshot(lvol: Lvol, name: string, xattrs: Readonly<Record<string, string>>): Lvol {
    const snapshot = this.#add(name, lvol.sizeBytes, noParent);
    this.#swapParent(snapshot, lvol.parent);
    snapshot.table = lvol.table;
    snapshot.allocatedClusters = lvol.allocatedClusters;
    snapshot.isSnapshot = true;
    for (const [key, value] of Object.entries(xattrs)) snapshot.xattrs.set(key, value);
    lvol.table = new Int32Array(snapshot.table.length).fill(-1);
    lvol.allocatedClusters = 0;
    this.#swapParent(lvol, { kind: 'snapshot', lvol: snapshot });
    return snapshot;
  }

  clone(snapshot: Lvol, name: string): Lvol {
    if (!snapshot.isSnapshot) throw new SpdkError('EINVAL', `lvol ${snapshot.alias} is not a snapshot`);
    return this.#add(name, snapshot.sizeBytes, { kind: 'snapshot', lvol: snapshot });
  }

  /** An lvol whose holes are read from a bdev outside this lvstore. */
  cloneExternal(external: ExternalSnapshot, name: string): Lvol {
    return this.#add(name, external.lvol().sizeBytes, { kind: 'esnap', external });
  }

  /** Data of the lvol's own clusters stays; only what shows in its holes changes. */
  setParent(lvol: Lvol, snapshot: Lvol): void {
    if (!snapshot.isSnapshot) throw new SpdkError('EINVAL', `lvol ${snapshot.alias} is not a snapshot`);
    this.#swapParent(lvol, { kind: 'snapshot', lvol: snapshot });
  }

  detachParent(lvol: Lvol): void {
    if (lvol.parent.kind !== 'snapshot') throw new SpdkError('EINVAL', `lvol ${lvol.alias} has no snapshot as parent`);
    this.#swapParent(lvol, noParent);
  }

  /** Whatever the lvol read its holes from, it is left without a parent. */
  orphan(lvol: Lvol): void {
    this.#swapParent(lvol, noParent);
  }

  rename(lvol: Lvol, name: string): void {
    if (this.#lvols.has(name)) throw new SpdkError('EEXIST', `lvol ${this.name}/${name}: File exists`);
    this.#lvols.delete(lvol.name);
    lvol.name = name;
    this.#lvols.set(name, lvol);
  }

  /** A snapshot with one clone hands its clusters down to it; with several it is refused. */
  delete(lvol: Lvol): void {
    if (lvol.clones.size > 1) {
      throw new SpdkError('EPERM', `lvol ${lvol.alias} has ${lvol.clones.size} clones: Operation not permitted`);
    }
    const [heir] = lvol.clones;
    for (const index of lvol.ownedClusters()) {
      if (heir !== undefined && index < heir.table.length && !heir.owns(index)) {
        heir.table[index] = lvol.table[index] ?? -1;
        heir.allocatedClusters += 1;
      } else {
        this.file.release(lvol.table[index] ?? -1);
      }
    }
    if (heir !== undefined) {
      forgetChecksums(heir);
      this.#swapParent(heir, lvol.parent);
    }
    this.#swapParent(lvol, noParent);
    lvol.table = new Int32Array(0);
    lvol.isDeleted = true;
    this.#lvols.delete(lvol.name);
  }

  async remove(): Promise<void> {
    await this.file.remove();
  }

  #add(name: string, sizeBytes: number, parent: LvolParent): Lvol {
    if (this.#lvols.has(name)) throw new SpdkError('EEXIST', `lvol ${this.name}/${name}: File exists`);
    const uuid = seededRandom(this.#seed, 'lvol', this.name, name, this.#created++).uuid();
    const lvol = new Lvol({ name, uuid, store: this, sizeBytes, creationTime: this.#timestamp() });
    this.#swapParent(lvol, parent);
    this.#lvols.set(name, lvol);
    return lvol;
  }

  #swapParent(lvol: Lvol, parent: LvolParent): void {
    if (lvol.parent.kind === 'snapshot') lvol.parent.lvol.clones.delete(lvol);
    if (parent.kind === 'snapshot') parent.lvol.clones.add(lvol);
    lvol.parent = parent;
  }
}
