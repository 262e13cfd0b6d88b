/**
 * Longhorn's own checksums of snapshots, held against what the disks hold now. SPDK is asked to compute each one anew: so
 * nothing rests on knowing its algorithm, and a snapshot that changed after it was hashed shows, which Longhorn would
 * take for intact. A checksum covers the clusters that the layer owns, in order: equal ones say nothing about the parent
 * (longhorn/longhorn#10340) nor about where the clusters are.
 * Source: longhorn-spdk-engine:pkg/spdk/replica.go SnapshotHash@44753b56, @8b93a545; longhorn/spdk bs_snapshot_checksum_*
 */
import type { KubeClient } from '../kubernetes/client.ts';
import type { ChecksummedSnapshot, ReplicaPlacement } from '../verdict/events.ts';
import { helperIn, runningInstanceManagers, type Helper } from './helper-exec.ts';
import { parseLvols, type Lvol } from './lvol-parse.ts';
import type { FoundProblem } from './lvol-audit.ts';

/** Reading a snapshot takes as long as its disk does. */
const hashTimeoutMs = 600_000;

export type RehashedSnapshots =
  | { readonly kind: 'hashed'; readonly snapshots: readonly ChecksummedSnapshot[] }
  /** The target does not let us; why, as a sentence. */
  | { readonly kind: 'skipped'; readonly reason: string };

/**
 * Has every snapshot of these replicas hashed, and answers what was stored before and after. What is stored afterwards is
 * what Longhorn itself would store. Never throws for what the target forbids.
 *
 * @param objects `status.checksum` of the Snapshot objects, by name
 */
export async function rehashSnapshots(
  client: KubeClient,
  request: {
    namespace: string;
    replicas: readonly ReplicaPlacement[];
    objects: Readonly<Record<string, string>>;
  },
): Promise<RehashedSnapshots> {
  try {
    const managers = await runningInstanceManagers(client, request.namespace);
    const perPod = await Promise.all(
      managers.map((name) => rehashOn(helperIn(client, request.namespace, name), request)),
    );
    return { kind: 'hashed', snapshots: perPod.flat() };
  } catch (error) {
    if (client.signal.aborted) throw error;
    return { kind: 'skipped', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function rehashOn(
  helper: Helper,
  { replicas, objects }: { replicas: readonly ReplicaPlacement[]; objects: Readonly<Record<string, string>> },
): Promise<ChecksummedSnapshot[]> {
  const snapshotsNow = async (): Promise<Map<string, Owned>> => ownedSnapshots(await lvolsOf(helper), replicas);
  const before = await snapshotsNow();
  const busy = new Set<string>();
  for (const [uuid, { lvol }] of before) {
    if (!(await register(helper, `${lvol.lvstoreName}/${lvol.name}`))) busy.add(uuid);
  }
  if (before.size === 0) return [];
  const after = await snapshotsNow();
  return [...before.entries()].flatMap(([uuid, { lvol, replica, snapshot }]) => {
    const now = after.get(uuid);
    if (now === undefined) return [];
    return [
      {
        replica,
        diskUuid: lvol.lvstoreUuid,
        snapshot,
        allocatedClusters: now.lvol.allocatedClusters,
        stored: lvol.snapshotChecksum ?? '',
        recomputed: busy.has(uuid) ? '' : (now.lvol.snapshotChecksum ?? ''),
        object: objects[snapshot] ?? '',
      },
    ];
  });
}

async function lvolsOf(helper: Helper): Promise<Lvol[]> {
  return parseLvols(await helper(['bdev-lvol', 'get']));
}

interface Owned {
  readonly lvol: Lvol;
  readonly replica: string;
  readonly snapshot: string;
}

/** Snapshots of these replicas, each on its own replica's disk, by lvol UUID. */
function ownedSnapshots(lvols: readonly Lvol[], replicas: readonly ReplicaPlacement[]): Map<string, Owned> {
  const owned = lvols.flatMap((lvol): [string, Owned][] => {
    const owner = replicas.find(
      ({ replica, diskUuid }) => diskUuid === lvol.lvstoreUuid && lvol.name.startsWith(`${replica}-snap-`),
    );
    if (owner === undefined || !lvol.isSnapshot) return [];
    const snapshot = lvol.name.slice(`${owner.replica}-snap-`.length);
    return [[lvol.uuid, { lvol, replica: owner.replica, snapshot }]];
  });
  return new Map(owned);
}

/** As Longhorn itself does it: with a checksum per cluster from 1.10 on, without before. False: it is at it already. */
async function register(helper: Helper, alias: string): Promise<boolean> {
  try {
    await helper(['bdev-lvol', 'register-range-checksums', '--alias', alias], hashTimeoutMs);
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    if (!saysUnknown(error)) throw error;
  }
  try {
    await helper(['bdev-lvol', 'register-snapshot-checksum', '--alias', alias], hashTimeoutMs);
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /resource busy|"code": ?-16/i.test(error.message);
}

/** Neither every release's tool nor every release's SPDK knows checksums of clusters. */
function saysUnknown(error: unknown): boolean {
  return error instanceof Error && /Method not found|no command|No help topic/i.test(error.message);
}

/**
 * What contradicts itself. A checksum that is missing, or no longer asked for, contradicts nothing: it may be being
 * computed. One that says nothing is not equal to another that says nothing.
 *
 * @param rebuilt where two replicas differ, it is the one that is told
 */
export function checksumProblems(
  snapshots: readonly ChecksummedSnapshot[],
  rebuilt: string | undefined,
): FoundProblem[] {
  return [
    ...snapshots.filter(({ recomputed }) => recomputed !== '').flatMap(staleness),
    ...snapshots.filter(saysNothing).map((snapshot) => ({
      problem: 'snapshot-checksum-empty' as const,
      ...placeOf(snapshot),
      detail: `snapshot ${snapshot.snapshot} owns ${String(snapshot.allocatedClusters)} clusters, and its checksum is ${snapshot.recomputed}`,
    })),
    ...[...new Set(snapshots.map(({ snapshot }) => snapshot))].flatMap((name) =>
      differences(
        snapshots.filter(({ snapshot, recomputed }) => snapshot === name && recomputed !== ''),
        rebuilt,
      ),
    ),
  ];
}

function placeOf({ replica, diskUuid }: ChecksummedSnapshot): { replica: string; diskUuid: string } {
  return { replica, diskUuid };
}

/** An empty layer has the checksum 0, and no other one has. */
function saysNothing({ recomputed, allocatedClusters }: ChecksummedSnapshot): boolean {
  return recomputed === '0' && allocatedClusters > 0;
}

function staleness(snapshot: ChecksummedSnapshot): FoundProblem[] {
  const { stored, recomputed, object } = snapshot;
  const told = [
    ...(stored === '' || stored === recomputed ? [] : [`its lvol says ${stored}`]),
    ...(object === '' || object === recomputed ? [] : [`its Snapshot object says ${object}`]),
  ];
  if (told.length === 0) return [];
  const detail = `snapshot ${snapshot.snapshot} has the checksum ${recomputed} now, and ${told.join(' and ')}`;
  return [{ problem: 'snapshot-checksum-stale', ...placeOf(snapshot), detail }];
}

function differences(snapshots: readonly ChecksummedSnapshot[], rebuilt: string | undefined): FoundProblem[] {
  const reference = snapshots.find(({ replica }) => replica !== rebuilt);
  if (reference === undefined) return [];
  return snapshots
    .filter(({ recomputed }) => recomputed !== reference.recomputed)
    .map((snapshot) => ({
      problem: 'snapshot-checksum-differs' as const,
      ...placeOf(snapshot),
      detail: `snapshot ${snapshot.snapshot} has the checksum ${snapshot.recomputed}, on ${reference.replica} ${reference.recomputed}`,
    }));
}
