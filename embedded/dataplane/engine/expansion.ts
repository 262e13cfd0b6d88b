import { clusterBytes } from '../blobstore/cluster-file.ts';
import { SpdkError } from '../blobstore/errors.ts';
import type { Engine } from './engine.ts';

/**
 * Whether there is anything to expand. Refused where the engine refuses: to a smaller size, off the MiB, with a replica that
 * is not RW, with replicas of different sizes. Source: longhorn-spdk-engine:pkg/spdk/engine.go requireExpansion@8b93a5453dcd.
 */
export function isExpansion(engine: Engine, sizeBytes: number): boolean {
  const { specSizeBytes } = engine;
  if (specSizeBytes === sizeBytes) return false;
  if (specSizeBytes > sizeBytes) {
    throw new SpdkError('EINVAL', `cannot expand engine to a smaller size ${sizeBytes}, current size ${specSizeBytes}`);
  }
  const rounded = Math.ceil(sizeBytes / clusterBytes) * clusterBytes;
  if (rounded !== sizeBytes) {
    throw new SpdkError('EINVAL', `rounded up spec size from ${sizeBytes} to ${rounded} since the spec size should be multiple of MiB`);
  }
  if (engine.replicas.size === 0) throw new SpdkError('EINVAL', 'cannot expand engine with no replica');
  for (const { name, mode } of engine.replicas.values()) {
    if (mode !== 'RW') throw new SpdkError('EINVAL', `cannot expand engine with replica ${name} in mode ${mode}`);
  }
  const sizes = new Set([...engine.replicas.keys()].map((name) => engine.replicaService(name)?.specSizeBytes));
  if (sizes.size > 1) throw new SpdkError('EINVAL', 'cannot expand engine with replicas in different sizes');
  return true;
}
