import { clusterBytes } from '../blobstore/cluster-file.ts';
import { SpdkError } from '../blobstore/errors.ts';
import { seededRandom } from '../random.ts';
import type { Engine, ReplicaConnection } from './engine.ts';
import { mapWalk } from './map-order.ts';

/**
 * Grows every replica's head, then makes the raid bdev anew from those that grew, in whatever order a map is walked: I/O
 * is held meanwhile. A replica that cannot grow is ERR; when none can, the engine is.
 * Source: longhorn-spdk-engine:pkg/spdk/engine.go Expand@8b93a5453dcd.
 */
export async function expand(engine: Engine, sizeBytes: number): Promise<void> {
  if (!isExpansion(engine, sizeBytes)) return;
  const { services, name: engineName } = engine;
  const { raid, gate } = engine.device;
  await gate.suspend();
  try {
    for (const connection of engine.replicas.values()) expandReplica(engine, connection, sizeBytes);
    const random = seededRandom(services.seed, 'slots after expansion', engineName, sizeBytes);
    const names = mapWalk(
      engine.connectionsInMode('RW').map(({ name }) => name),
      random,
    );
    const order = services.hooks.attachOrder?.({ engineName, names }) ?? names;
    const bdevs = order.flatMap((name) => engine.replicas.get(name)?.bdev ?? []);
    if (bdevs.length === 0) {
      engine.fail('all replicas failed to expand; aborting RAID recreation');
      return;
    }
    raid.recreate(bdevs);
    engine.specSizeBytes = sizeBytes;
  } finally {
    gate.resume();
  }
}

function expandReplica(engine: Engine, connection: ReplicaConnection, sizeBytes: number): void {
  try {
    engine.replicaService(connection.name)?.expand(sizeBytes);
  } catch {
    engine.setMode(connection, 'ERR');
  }
}

/**
 * Whether there is anything to expand. Refused where the engine refuses: to a smaller size, off the MiB, with a replica that
 * is not RW, with replicas of different sizes. Source: longhorn-spdk-engine:pkg/spdk/engine.go requireExpansion@8b93a5453dcd.
 */
function isExpansion(engine: Engine, sizeBytes: number): boolean {
  const { specSizeBytes } = engine;
  if (specSizeBytes === sizeBytes) return false;
  if (specSizeBytes > sizeBytes) {
    throw new SpdkError('EINVAL', `cannot expand engine to a smaller size ${sizeBytes}, current size ${specSizeBytes}`);
  }
  const rounded = Math.ceil(sizeBytes / clusterBytes) * clusterBytes;
  if (rounded !== sizeBytes) {
    throw new SpdkError(
      'EINVAL',
      `rounded up spec size from ${sizeBytes} to ${rounded} since the spec size should be multiple of MiB`,
    );
  }
  if (engine.replicas.size === 0) throw new SpdkError('EINVAL', 'cannot expand engine with no replica');
  for (const { name, mode } of engine.replicas.values()) {
    if (mode !== 'RW') throw new SpdkError('EINVAL', `cannot expand engine with replica ${name} in mode ${mode}`);
  }
  const sizes = new Set([...engine.replicas.keys()].map((name) => engine.replicaService(name)?.specSizeBytes));
  if (sizes.size > 1) throw new SpdkError('EINVAL', 'cannot expand engine with replicas in different sizes');
  return true;
}
