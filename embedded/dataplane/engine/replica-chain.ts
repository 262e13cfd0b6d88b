import type { Lvol } from '../blobstore/lvol.ts';
import { storedChecksum } from '../blobstore/snapshot-checksums.ts';
import type { SnapshotInfo } from '../contract.ts';
import { isBackingImageLvol, isSnapshotLvolOf, snapshotNameOf } from '../lvol-names.ts';

/** From the lvol down to the last one without a parent on this disk. */
export function chainOf(lvol: Lvol): Lvol[] {
  const chain = [lvol];
  for (let current = lvol; current.parent.kind === 'snapshot'; current = current.parent.lvol)
    chain.push(current.parent.lvol);
  return chain;
}

export function parentName(lvol: Lvol): string {
  return lvol.parent.kind === 'snapshot' ? lvol.parent.lvol.name : '';
}

/** The backing image that a chain ends in, if it does. */
export function backingImageOf(lvol: Lvol): Lvol | undefined {
  const root = chainOf(lvol).at(-1);
  return root !== undefined && isBackingImageLvol(root.name) ? root : undefined;
}

/** A replica's snapshots under their Longhorn names. A backing image never shows as a parent. */
export function describeSnapshots(replica: string, snapshots: readonly Lvol[]): Record<string, SnapshotInfo> {
  return Object.fromEntries(
    snapshots.map((lvol) => [snapshotNameOf(replica, lvol.name), describeSnapshot(replica, lvol)]),
  );
}

function describeSnapshot(replica: string, lvol: Lvol): SnapshotInfo {
  const parent = parentName(lvol);
  const children = [...lvol.clones].flatMap(({ name }) =>
    name === replica ? ['volume-head'] : isSnapshotLvolOf(replica, name) ? [snapshotNameOf(replica, name)] : [],
  );
  return {
    name: snapshotNameOf(replica, lvol.name),
    parent: isSnapshotLvolOf(replica, parent) ? snapshotNameOf(replica, parent) : '',
    children,
    userCreated: lvol.xattrs.get('user_created') === 'true',
    // When its engine took it, the same on every replica; a rebuilt one is of the same time.
    creationTime: lvol.xattrs.get('snapshot_timestamp') ?? lvol.creationTime,
    sizeBytes: lvol.allocatedClusters * 1024 * 1024,
    checksum: storedChecksum(lvol),
  };
}

/** What a validation compares: every lvol of the replica with its identity and parent. */
export interface ChainRecord {
  lvols: Map<string, { uuid: string; parent: string }>;
  backingImage: string;
}

export function recordChain(head: Lvol, snapshots: readonly Lvol[]): ChainRecord {
  return {
    lvols: new Map([head, ...snapshots].map((lvol) => [lvol.name, { uuid: lvol.uuid, parent: parentName(lvol) }])),
    backingImage: backingImageOf(head)?.name ?? '',
  };
}

/**
 * The first difference between what the service remembers and what is there, in the engine's words; '' when there is
 * none (longhorn-spdk-engine:pkg/spdk/replica.go validateAndUpdate@44753b56).
 */
export function chainMismatch(recorded: ChainRecord, current: ChainRecord): string {
  if (recorded.lvols.size !== current.lvols.size) {
    return `replica current active snapshot lvol map length ${recorded.lvols.size - 1} is not the same as the latest snapshot lvol map length ${current.lvols.size - 1}`;
  }
  for (const [name, before] of recorded.lvols) {
    const now = current.lvols.get(name);
    if (now === undefined) return `cannot find the corresponding cur lvol ${name}`;
    if (now.uuid !== before.uuid || now.parent !== before.parent) {
      return `found mismatching lvol ${name} with parent "${now.parent}", recorded parent "${before.parent}"`;
    }
  }
  if (recorded.backingImage !== '' && current.backingImage === '') {
    return `replica current backing image is ${recorded.backingImage} while the latest chain contains a nil backing image`;
  }
  return '';
}
