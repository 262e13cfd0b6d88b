import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { isManagerRunning, managerOf, markRunning, markStopped } from '../instance/instance-state.ts';
import type { Engine } from '../model/engine.ts';
import { resetMonitoring } from './engine-status.ts';
import type { EngineWork } from './engine-work.ts';

// What the instance manager and SPDK take, of Longhorn's time.
const startSeconds = 0.3;
const stopSeconds = 0.3;

export function markEngineStopped(cluster: LonghornCluster, name: string): void {
  cluster.engines.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    markStopped(draft.status, cluster.clock.timestamp());
    resetMonitoring(draft.status);
  });
}

export async function startEngine(work: EngineWork, engine: Engine): Promise<void> {
  const { cluster, recorder, monitors } = work;
  const name = engine.metadata.name;
  if (engine.spec.nodeID === '' || !isManagerRunning(cluster, engine.spec)) return;
  cluster.engines.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    draft.status.instanceManagerName = managerOf(cluster, draft.spec);
    draft.status.starting = true;
  });
  recorder.normal(engine, 'Start', `Starts ${name}`);
  await cluster.clock.sleep(startSeconds, cluster.signal);
  const info = await cluster.dataPlane.node(engine.spec.nodeID).engineCreate({
    name,
    volumeName: engine.spec.volumeName,
    specSizeBytes: Number(engine.spec.volumeSize),
    replicaAddresses: engine.spec.replicaAddressMap,
    frontend: engine.spec.disableFrontend
      ? ''
      : engine.spec.frontend === 'nvmf'
        ? 'spdk-tcp-nvmf'
        : 'spdk-tcp-blockdev',
    salvageRequested: engine.spec.salvageRequested,
  });
  const uuid = cluster.names.uuid(`instance/${name}`);
  cluster.engines.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    markRunning(draft.status, { image: draft.spec.image, ip: info.ip, port: info.port, uuid });
    if (engine.spec.salvageRequested) draft.status.salvageExecuted = true;
  });
  monitors.start(name);
}

export async function stopEngine(work: EngineWork, engine: Engine): Promise<void> {
  const { cluster, recorder, monitors } = work;
  const name = engine.metadata.name;
  monitors.stop(name);
  recorder.normal(engine, 'Stop', `Stops ${name}`);
  cluster.engines.changeStatus(name, (draft) => {
    if (draft.status !== undefined) draft.status.started = false;
  });
  await cluster.clock.sleep(stopSeconds, cluster.signal);
  await deleteInstance(cluster, engine);
  markEngineStopped(cluster, name);
}

export async function removeEngine(work: EngineWork, engine: Engine): Promise<void> {
  work.monitors.stop(engine.metadata.name);
  await work.cluster.clock.sleep(stopSeconds, work.cluster.signal);
  await deleteInstance(work.cluster, engine);
  work.cluster.engines.removeFinalizer(engine.metadata.name);
}

/** The spec forgets its node on detach; the instance is where it was started. */
async function deleteInstance(cluster: LonghornCluster, engine: Engine): Promise<void> {
  const name = engine.metadata.name;
  for (const node of cluster.dataPlane.nodes()) {
    if (node.engineGet(name) !== undefined) await node.engineDelete(name);
  }
}
