import { SpdkError } from '../blobstore/errors.ts';
import type { SnapshotHashStatus } from '../contract.ts';
import type { Engine } from './engine.ts';
import type { Replica } from './replica.ts';
import { hashSnapshot, hashStatus } from './snapshot-hash.ts';

/** The replicas that a snapshot operation goes to; one that is gone is left to the next validation. */
function participants(engine: Engine, modes: readonly ('RW' | 'WO')[]): Replica[] {
  return modes
    .flatMap((mode) => engine.connectionsInMode(mode))
    .flatMap(({ name }) => engine.replicaService(name) ?? []);
}

/** Freezes all replicas at one moment: the device is suspended meanwhile. */
export async function snapshotCreate(engine: Engine, snapshotName: string, userCreated: boolean): Promise<void> {
  await engine.device.gate.suspend();
  try {
    await snapshotWithoutSuspend(engine, snapshotName, userCreated);
  } finally {
    engine.device.gate.resume();
  }
}

export async function snapshotWithoutSuspend(
  engine: Engine,
  snapshotName: string,
  userCreated: boolean,
): Promise<void> {
  const replicas = participants(engine, ['RW', 'WO']);
  if (replicas.length === 0)
    throw new SpdkError('EIO', `engine ${engine.name} has no replica for snapshot ${snapshotName}`);
  const xattrs = { user_created: String(userCreated), snapshot_timestamp: engine.services.clock.timestamp() };
  for (const replica of replicas) {
    await engine.services.hooks.beforeReplicaSnapshot?.({
      engineName: engine.name,
      replica: replica.name,
      snapshotName,
    });
    replica.snapshotCreate(snapshotName, xattrs);
  }
}

export function snapshotDelete(engine: Engine, snapshotName: string): void {
  assertNoRebuild(engine, `delete snapshot ${snapshotName}`);
  const { name: engineName, services } = engine;
  const all = participants(engine, ['RW']);
  const replicas = all.map(({ name }) => name);
  for (const replica of all) {
    const goes =
      services.hooks.deletesSnapshot?.({ engineName, replica: replica.name, snapshotName, replicas }) ?? true;
    if (goes) replica.snapshotDelete(snapshotName);
  }
}

/**
 * Only without a frontend: what the host has in its caches would not fit the reverted device.
 * Source of the refusals: longhorn-spdk-engine:pkg/spdk/engine.go snapshotOperationPreCheckWithoutLock@44753b56, 8b93a545.
 */
export async function snapshotRevert(engine: Engine, snapshotName: string): Promise<void> {
  assertRevertible(engine, snapshotName);
  await engine.device.gate.suspend();
  try {
    for (const connection of engine.connectionsInMode('RW')) {
      engine.replicaService(connection.name)?.snapshotRevert(snapshotName);
      // The head is another lvol now; its bdev is attached anew in the same slot.
      const slot = engine.device.raid.slots.findIndex((bdev) => bdev?.name === connection.name);
      connection.bdev?.detach();
      connection.bdev = engine.connect(connection.name, connection.address);
      if (slot >= 0) engine.device.raid.slots[slot] = connection.bdev;
    }
  } finally {
    engine.device.gate.resume();
  }
}

export function snapshotPurge(engine: Engine): void {
  assertNoRebuild(engine, 'purge snapshots');
  for (const replica of participants(engine, ['RW'])) replica.snapshotPurge();
}

export function snapshotHash(engine: Engine, snapshotName: string, rehash: boolean): void {
  const isSourceOfRebuild = engine.connectionsInMode('WO').length > 0;
  for (const replica of participants(engine, ['RW']))
    hashSnapshot(replica, snapshotName, { rehash, isSourceOfRebuild });
}

export function snapshotHashStatus(engine: Engine, snapshotName: string): Record<string, SnapshotHashStatus> {
  return Object.fromEntries(
    participants(engine, ['RW']).map((replica) => [replica.address, hashStatus(replica, snapshotName)]),
  );
}

function assertRevertible(engine: Engine, snapshotName: string): void {
  if (engine.frontend !== '') {
    throw new SpdkError(
      'EINVAL',
      `invalid frontend ${engine.frontend} for engine ${engine.name} snapshot ${snapshotName} revert`,
    );
  }
  const [rebuilding] = engine.connectionsInMode('WO');
  if (rebuilding !== undefined) {
    throw new SpdkError(
      'EBUSY',
      `engine ${engine.name} contains WO replica ${rebuilding.name} during snapshot ${snapshotName} revert`,
    );
  }
  const lacking = participants(engine, ['RW']).find((replica) => !replica.hasSnapshot(snapshotName));
  if (lacking !== undefined) {
    throw new SpdkError('ENODEV', `replica ${lacking.name} does not contain the reverting snapshot ${snapshotName}`);
  }
}

function assertNoRebuild(engine: Engine, what: string): void {
  const [rebuilding] = engine.connectionsInMode('WO');
  if (rebuilding !== undefined) {
    throw new SpdkError('EBUSY', `engine ${engine.name} cannot ${what} while replica ${rebuilding.name} is rebuilding`);
  }
}
