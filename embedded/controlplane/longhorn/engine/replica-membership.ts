import { unknownReplicaPrefix } from '../model/engine.ts';
import type { Engine, EngineStatus } from '../model/engine.ts';
import type { EngineWork } from './engine-work.ts';
import { rebuildReplica } from './rebuild.ts';

/**
 * Takes out addresses that no replica explains and adds the next replica that the engine does not have.
 * Source: longhorn-manager:controller/engine_controller.go ReconcileEngineState@v1.11.3.
 */
export function reconcileReplicas(work: EngineWork, engine: Engine, status: EngineStatus): void {
  if (engine.spec.desireState === 'stopped') return;
  const modes = status.replicaModeMap ?? {};
  const name = engine.metadata.name;
  const background = (address: string, job: () => Promise<void>): void => {
    const key = `${name}/${address}`;
    if (work.underWay.has(key)) return;
    work.underWay.add(key);
    const done = job()
      .catch((error: unknown) => {
        if (!work.cluster.signal.aborted) work.onError(name, error);
      })
      .finally(() => work.underWay.delete(key));
    work.monitors.track(done);
  };
  for (const [key, mode] of Object.entries(modes)) {
    if (!key.startsWith(unknownReplicaPrefix)) continue;
    const url = key.slice(unknownReplicaPrefix.length);
    background(url, () => removeUnknownReplica(work, engine, url, mode));
  }
  if (Object.values(modes).includes('WO')) return;
  const next = Object.entries(status.currentReplicaAddressMap ?? {}).find(([replica]) => modes[replica] === undefined);
  if (next === undefined) return;
  const [replicaName, address] = next;
  const info = work.cluster.dataPlane.node(engine.spec.nodeID).engineGet(name);
  if (Object.values(info?.replicaAddresses ?? {}).includes(address)) return;
  background(address, () =>
    rebuildReplica({
      cluster: work.cluster,
      recorder: work.recorder,
      engineName: name,
      volumeName: engine.spec.volumeName,
      nodeName: engine.spec.nodeID,
      replicaName,
      address,
      purged: () => {
        work.monitors.notePurge(name);
      },
    }),
  );
}

async function removeUnknownReplica(work: EngineWork, engine: Engine, url: string, mode: string): Promise<void> {
  const { cluster, recorder } = work;
  const engineName = engine.metadata.name;
  const what = `unknown replica ${url} in mode ${mode} from engine`;
  const address = url.replace('tcp://', '');
  const node = cluster.dataPlane.node(engine.spec.nodeID);
  const addresses = Object.entries(node.engineGet(engineName)?.replicaAddresses ?? {});
  const replicaName = addresses.find(([, known]) => known === address)?.[0];
  if (replicaName === undefined) return;
  recorder.normal(engine, 'Delete', `Removing ${what}`);
  try {
    await node.engineReplicaDelete({ engineName, replicaName, address });
    recorder.normal(engine, 'Delete', `Removed ${what}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    recorder.warning(engine, 'FailedDeleting', `Failed to remove ${what}: ${why}`);
  }
}
