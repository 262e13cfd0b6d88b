import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { watchManagerStates } from '../instance-manager/manager-state.ts';
import { instanceOwner, managerOf } from '../instance/instance-state.ts';
import { isTerminating } from '../model/replica.ts';
import { markEngineStopped, removeEngine, startEngine, stopEngine } from './engine-instance.ts';
import { newEngineStatus } from './engine-status.ts';
import type { EngineWork } from './engine-work.ts';
import { cloneSnapshot } from './clone-snapshot.ts';
import { createMonitors } from './monitors.ts';
import { reconcileReplicas } from './replica-membership.ts';
import { syncSnapshotRecords } from './snapshot-records.ts';

export interface EngineController extends Controller {
  /** Looks at the engine at once instead of at the next poll. */
  refresh(engineName: string): Promise<void>;
}

/** Runs engines, watches them, adds and removes their replicas. Source: longhorn-manager:controller/engine_controller.go. */
export function startEngineController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): EngineController {
  const recorder = cluster.recorderOf('longhorn-engine-controller');
  const monitors = createMonitors(cluster, recorder, onError);
  const work: EngineWork = { cluster, recorder, monitors, underWay: new Set(), onError };
  const controller = createController({
    name: 'longhorn-engine',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncEngine(work, name),
  });
  cluster.store.watch(cluster.engines.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  watchManagerStates(cluster, ({ metadata }) => {
    for (const engine of cluster.engines.list()) {
      if (managerOf(cluster, engine.spec) === metadata.name) controller.enqueue(engine.metadata.name);
    }
  });
  return {
    ...controller,
    refresh: (name) => monitors.refresh(name),
    async settled() {
      await Promise.all([controller.settled(), monitors.settled()]);
    },
  };
}

async function syncEngine(work: EngineWork, name: string): Promise<void> {
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
  if (engine.status.salvageExecuted && !engine.spec.salvageRequested) {
    cluster.engines.changeStatus(name, (draft) => {
      if (draft.status !== undefined) draft.status.salvageExecuted = false;
    });
    return;
  }
  const state = engine.status.currentState;
  if (state === '') markEngineStopped(cluster, name);
  else if (engine.spec.desireState === 'running' && state === 'stopped') await startEngine(work, engine);
  else if (engine.spec.desireState === 'stopped' && state !== 'stopped') await stopEngine(work, engine);
  else if (state === 'running') {
    monitors.start(name);
    if (engine.status.replicaModeMap !== null) {
      await cloneSnapshot(work, engine, engine.status);
      reconcileReplicas(work, engine, engine.status);
    }
  } else monitors.stop(name);
  const current = cluster.engines.get(name);
  if (current !== undefined) syncSnapshotRecords(cluster, current);
}

function sameMap(left: Record<string, string> | null, right: Record<string, string>): boolean {
  if (left === null || Object.keys(left).length !== Object.keys(right).length) return false;
  return Object.entries(right).every(([key, value]) => left[key] === value);
}
