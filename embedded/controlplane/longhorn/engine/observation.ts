import type { EngineInfo, SnapshotInfo } from '../../../dataplane/contract.ts';
import type { VersionProfile } from '../../../versions/profile.ts';
import { volumeHead } from '../model/engine.ts';
import type { EngineSnapshot, RebuildStatus } from '../model/engine.ts';

/** The engine's snapshots as the CR shows them, with the pseudo entry `volume-head`. */
export function observedSnapshots(
  info: EngineInfo,
  before: Record<string, EngineSnapshot> | null,
  now: string,
): Record<string, EngineSnapshot> {
  const parentOfHead = headParent(Object.values(info.snapshots));
  const snapshots: Record<string, EngineSnapshot> = {};
  let total = 0;
  for (const snapshot of Object.values(info.snapshots)) {
    const children = snapshot.children.filter((child) => child !== volumeHead);
    if (snapshot.name === parentOfHead) children.push(volumeHead);
    total += snapshot.sizeBytes;
    snapshots[snapshot.name] = {
      name: snapshot.name,
      // A backing image is never shown as a parent (longhorn-facts §1.7).
      parent: info.snapshots[snapshot.parent] === undefined ? '' : snapshot.parent,
      children: Object.fromEntries(children.map((child) => [child, true])),
      removed: false,
      usercreated: snapshot.userCreated,
      created: snapshot.creationTime,
      size: String(snapshot.sizeBytes),
      labels: {},
    };
  }
  const head = before?.[volumeHead];
  snapshots[volumeHead] = {
    name: volumeHead,
    parent: parentOfHead,
    children: {},
    removed: false,
    usercreated: false,
    created: head !== undefined && head.parent === parentOfHead ? head.created : now,
    size: String(Math.max(0, info.actualSizeBytes - total)),
    labels: {},
  };
  return snapshots;
}

/** The snapshot under the head: the one that says so, else the newest that nobody is a child of. */
function headParent(snapshots: readonly SnapshotInfo[]): string {
  const named = snapshots.find((snapshot) => snapshot.children.includes(volumeHead));
  if (named !== undefined) return named.name;
  const leaves = snapshots.filter((snapshot) => snapshot.children.length === 0);
  return leaves.sort((left, right) => (left.creationTime < right.creationTime ? 1 : -1))[0]?.name ?? '';
}

/** Only replicas in mode WO have a status; before and after it is empty (longhorn-facts §4.9). */
export function observedRebuilds(info: EngineInfo, profile: VersionProfile): Record<string, RebuildStatus> {
  const entries = Object.values(info.rebuilds)
    .filter((rebuild) => info.replicaModes[rebuild.replicaName] === 'WO')
    .map((rebuild): [string, RebuildStatus] => [
      rebuild.address,
      {
        error: rebuild.error,
        isRebuilding: rebuild.state === 'in_progress',
        progress: rebuild.progress,
        state: rebuild.state,
        appliedRebuildingMBps: 0,
        ...(profile.rebuildSourceField === 'fromReplicaAddressList'
          ? { fromReplicaAddress: '', fromReplicaAddressList: [rebuild.fromAddress] }
          : { fromReplicaAddress: rebuild.fromAddress }),
      },
    ]);
  return Object.fromEntries(entries);
}
