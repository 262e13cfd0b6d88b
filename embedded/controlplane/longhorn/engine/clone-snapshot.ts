import { parseDataSource } from '../clone/linked-clone.ts';
import type { EngineInfo } from '../../../dataplane/contract.ts';
import type { Engine, EngineStatus, SnapshotCloneStatus } from '../model/engine.ts';
import type { EngineWork } from './engine-work.ts';

/**
 * Has the engine's replicas linked to the source's snapshot, once. A failure shows in the clone status.
 * Source: longhorn-manager:controller/engine_controller.go cloneSnapshot@v1.12.1.
 */
export async function cloneSnapshot(work: EngineWork, engine: Engine, status: EngineStatus): Promise<void> {
  const { cluster, monitors } = work;
  const from = parseDataSource(engine.spec.requestedDataSource);
  if (from === undefined || Object.keys(status.cloneStatus ?? {}).length > 0) return;
  const node = cluster.dataPlane.node(engine.spec.nodeID);
  const engineName = engine.metadata.name;
  const source = cluster.enginesOf(from.volume)[0];
  const done = Object.keys(node.engineGet(engineName)?.clones ?? {}).length > 0;
  if (!done && source?.status?.currentState === 'running') {
    const pairs = cluster.replicasOf(engine.spec.volumeName).flatMap(({ metadata, spec }): [string, string][] => {
      const sourceReplica = spec.linkedCloneSrcReplicaName ?? '';
      return sourceReplica === '' ? [] : [[metadata.name, sourceReplica]];
    });
    await node.engineSnapshotClone({
      engineName,
      snapshotName: from.snapshot,
      sourceEngineName: source.metadata.name,
      sourceEngineAddress: `${source.status.storageIP}:${String(source.status.port)}`,
      sourceReplicas: Object.fromEntries(pairs),
    });
  }
  await monitors.refresh(engineName);
}

/** Of each replica of a clone, by its address; null for other volumes. */
export function observedClones(info: EngineInfo): Record<string, SnapshotCloneStatus> | null {
  const clones = Object.values(info.clones);
  if (clones.length === 0) return null;
  return Object.fromEntries(
    clones.map(({ address, fromAddress, snapshotName, state, progress, error }) => [
      address,
      { error, isCloning: false, progress, state, fromReplicaAddress: fromAddress, snapshotName },
    ]),
  );
}
