import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { instanceOwner, managerOf, markRunning, markStopped } from '../instance/instance-state.ts';
import { unknownReplicaPrefix } from '../model/engine.ts';
import type { Engine, EngineStatus } from '../model/engine.ts';
import { isTerminating } from '../model/replica.ts';
import { createMonitors } from './monitors.ts';
import type { Monitors } from './monitors.ts';
import { newEngineStatus, resetMonitoring } from './engine-status.ts';
import { rebuildReplica } from './rebuild.ts';
import { syncSnapshotRecords } from './snapshot-records.ts';

// What the instance manager and SPDK take, of Longhorn's time.
const startSeconds = 0.3;
const stopSeconds = 0.3;

export interface EngineController extends Controller {
  /** Looks at the engine at once instead of at the next poll. */
  refresh(engineName: string): Promise<void>;
}

interface EngineWork {
  cluster: LonghornCluster;
  recorder: EventRecorder;
  monitors: Monitors;
  /** Removals and rebuilds under way, by engine and address. */
  underWay: Set<string>;
}

/** Runs engines, watches them, adds and removes their replicas. Source: longhorn-manager:controller/engine_controller.go. */
export function startEngineController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): EngineController {
  const recorder = cluster.recorderOf('longhorn-engine-controller');
  const monitors = createMonitors(cluster, recorder, onError);
  const work: EngineWork = { cluster, recorder, monitors, underWay: new Set() };
  const controller = createController({
    name: 'longhorn-engine',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncEngine(work, name, onError),
  });
  cluster.store.watch(cluster.engines.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  return {
    ...controller,
    refresh: (name) => monitors.refresh(name),
    async settled() {
      await Promise.all([controller.settled(), monitors.settled()]);
    },
  };
}

async function syncEngine(
  work: EngineWork,
  name: string,
  onError: (key: string, error: unknown) => void,
): Promise<void> {
  const { cluster, monitors } = work;
  const engine = cluster.engines.get(name);
  if (engine === undefined) {
    monitors.stop(name);
    return;
  }
  const owner = instanceOwner(cluster, engine.spec, engine.status);
  if (engine.status === undefined || engine.status.ownerID !== owner) {
    cluster.engines.changeStatus(name, (draft) => {
      draft.status = { ...(draft.status ?? newEngineStatus(owner)), ownerID: owner };
    });
    return;
  }
  if (isTerminating(engine)) {
    await removeEngine(work, engine);
    return;
  }
  const wanted = engine.spec.replicaAddressMap;
  // Persisted before anything else happens, so that the monitor explains addresses by it.
  if (!sameMap(engine.status.currentReplicaAddressMap, wanted)) {
    cluster.engines.changeStatus(name, (draft) => {
      if (draft.status !== undefined) draft.status.currentReplicaAddressMap = wanted;
    });
    return;
  }
  const state = engine.status.currentState;
  if (state === '') markEngineStopped(cluster, name);
  else if (engine.spec.desireState === 'running' && state === 'stopped') await startEngine(work, engine);
  else if (engine.spec.desireState === 'stopped' && state !== 'stopped') await stopEngine(work, engine);
  else if (state === 'running') {
    monitors.start(name);
    if (engine.status.replicaModeMap !== null) reconcileReplicas(work, engine, engine.status, onError);
  } else monitors.stop(name);
  const current = cluster.engines.get(name);
  if (current !== undefined) syncSnapshotRecords(cluster, current);
}

function sameMap(left: Record<string, string> | null, right: Record<string, string>): boolean {
  if (left === null || Object.keys(left).length !== Object.keys(right).length) return false;
  return Object.entries(right).every(([key, value]) => left[key] === value);
}

function markEngineStopped(cluster: LonghornCluster, name: string): void {
  cluster.engines.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    markStopped(draft.status, cluster.clock.timestamp());
    resetMonitoring(draft.status);
  });
}

async function startEngine(work: EngineWork, engine: Engine): Promise<void> {
  const { cluster, recorder, monitors } = work;
  const name = engine.metadata.name;
  if (engine.spec.nodeID === '') return;
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
  });
  const uuid = cluster.names.uuid(`instance/${name}`);
  cluster.engines.changeStatus(name, (draft) => {
    if (draft.status === undefined) return;
    markRunning(draft.status, { image: draft.spec.image, ip: info.ip, port: info.port, uuid });
  });
  monitors.start(name);
}

async function stopEngine(work: EngineWork, engine: Engine): Promise<void> {
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

async function removeEngine(work: EngineWork, engine: Engine): Promise<void> {
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

/** Source: longhorn-manager:controller/engine_controller.go ReconcileEngineState@v1.11.3. */
function reconcileReplicas(
  work: EngineWork,
  engine: Engine,
  status: EngineStatus,
  onError: (key: string, error: unknown) => void,
): void {
  if (engine.spec.desireState === 'stopped') return;
  const modes = status.replicaModeMap ?? {};
  const name = engine.metadata.name;
  const background = (address: string, job: () => Promise<void>): void => {
    const key = `${name}/${address}`;
    if (work.underWay.has(key)) return;
    work.underWay.add(key);
    const done = job()
      .catch((error: unknown) => {
        if (!work.cluster.signal.aborted) onError(name, error);
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
