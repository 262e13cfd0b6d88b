import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import { startPoller } from '../cluster/poller.ts';
import type { Table } from '../cluster/table.ts';
import {
  instanceOwner,
  isManagerRunning,
  managerOf,
  markError,
  markRunning,
  markStopped,
} from '../instance/instance-state.ts';
import { newInstanceStatus } from '../model/instance.ts';
import { isTerminating } from '../model/replica.ts';
import type { EngineFrontend, EngineFrontendStatus } from '../model/engine-frontend.ts';
import { enginePollSeconds } from '../engine/engine-monitor.ts';

// What the instance manager and SPDK take, of Longhorn's time.
const startSeconds = 0.3;
const stopSeconds = 0.3;

interface Work {
  readonly cluster: LonghornCluster;
  readonly frontends: Table<EngineFrontend>;
  readonly recorder: EventRecorder;
  readonly monitors: Monitors;
}

/**
 * Runs the frontends of V2 volumes: the data plane has them in its engines, so here they follow those.
 * Source: longhorn-manager:controller/engine_frontend_controller.go@v1.12.1.
 */
export function startEngineFrontendController(
  cluster: LonghornCluster,
  frontends: Table<EngineFrontend>,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-engine-frontend-controller');
  const parts = { cluster, frontends, recorder };
  const monitors = createMonitors(cluster, (name) => look(parts, name), onError);
  const controller = createController({
    name: 'longhorn-engine-frontend',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncFrontend({ ...parts, monitors }, name),
  });
  cluster.store.watch(frontends.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  cluster.store.watch(cluster.engines.resource, ({ object }) => {
    for (const { metadata, spec } of frontends.list()) {
      if (spec.engineName === object.metadata.name) controller.enqueue(metadata.name);
    }
  });
  return {
    ...controller,
    async settled() {
      await Promise.all([controller.settled(), monitors.settled()]);
    },
  };
}

async function syncFrontend(work: Work, name: string): Promise<void> {
  const { cluster, frontends } = work;
  const frontend = frontends.get(name);
  if (frontend === undefined) {
    work.monitors.stop(name);
    return;
  }
  const owner = instanceOwner(cluster, frontend.spec, frontend.status);
  if (frontend.status === undefined || frontend.status.ownerID !== owner) {
    frontends.changeStatus(name, (draft) => {
      draft.status = { ...(draft.status ?? newStatus(owner)), ownerID: owner };
    });
    return;
  }
  const { currentState } = frontend.status;
  if (isTerminating(frontend)) {
    if (currentState === 'running') await stop(work, frontend);
    frontends.removeFinalizer(name);
  } else if (currentState === '') {
    change(work, name, (status) => {
      reset(work, status);
    });
  } else if (frontend.spec.desireState === 'running' && currentState === 'stopped') await start(work, frontend);
  else if (frontend.spec.desireState === 'stopped' && currentState !== 'stopped') await stop(work, frontend);
  else if (currentState === 'running') followEngine(work, frontend);
}

async function start(work: Work, frontend: EngineFrontend): Promise<void> {
  const { cluster, recorder } = work;
  const { name } = frontend.metadata;
  if (frontend.spec.nodeID === '' || !isManagerRunning(cluster, frontend.spec)) return;
  change(work, name, (status) => {
    status.instanceManagerName = managerOf(cluster, frontend.spec);
    status.starting = true;
  });
  recorder.normal(frontend, 'Start', `Starts ${name}`);
  await cluster.clock.sleep(startSeconds, cluster.signal);
  const { image, targetIP, targetPort } = frontend.spec;
  change(work, name, (status) => {
    markRunning(status, { image, ip: targetIP, port: 0, uuid: cluster.names.uuid(`instance/${name}`) });
    Object.assign(status, { targetIP, targetPort });
  });
  work.monitors.start(name);
}

async function stop(work: Work, frontend: EngineFrontend): Promise<void> {
  const { cluster, recorder } = work;
  const { name } = frontend.metadata;
  work.monitors.stop(name);
  recorder.normal(frontend, 'Stop', `Stops ${name}`);
  await cluster.clock.sleep(stopSeconds, cluster.signal);
  change(work, name, (status) => {
    reset(work, status);
  });
}

/** With the engine's instance the frontend's is gone, too. */
function followEngine(work: Work, frontend: EngineFrontend): void {
  const { name } = frontend.metadata;
  if (work.cluster.engines.get(frontend.spec.engineName)?.status?.currentState !== 'error') return;
  work.monitors.stop(name);
  change(work, name, markError);
}

/** One look of the monitor at a running frontend, which expands what the volume wants larger. */
async function look(work: Omit<Work, 'monitors'>, name: string): Promise<void> {
  const { cluster, frontends, recorder } = work;
  const frontend = frontends.get(name);
  if (frontend?.status?.currentState !== 'running') return;
  const node = cluster.dataPlane.nodes().find(({ nodeName }) => nodeName === frontend.spec.nodeID);
  const info = node?.engineGet(frontend.spec.engineName);
  if (node === undefined || info?.state !== 'running') return;
  change(work, name, (status) => {
    status.endpoint = info.endpoint;
    status.currentSize = String(info.specSizeBytes);
  });
  const wanted = Number(frontend.spec.size);
  const engine = cluster.engines.get(frontend.spec.engineName);
  const rebuilds = Object.values(engine?.status?.replicaModeMap ?? {}).includes('WO');
  const required = cluster.volumes.get(frontend.spec.volumeName)?.status?.expansionRequired === true;
  if (!required || rebuilds || wanted <= info.specSizeBytes) return;
  try {
    await node.engineExpand({ engineName: frontend.spec.engineName, sizeBytes: wanted });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    recorder.warning(frontend, 'FailedExpansion', `Engine frontend failed to expand to size ${String(wanted)}: ${why}`);
    throw error;
  }
}

/** A poller per running frontend. */
interface Monitors {
  start(name: string): void;
  stop(name: string): void;
  settled(): Promise<void>;
}

function createMonitors(
  cluster: LonghornCluster,
  tick: (name: string) => Promise<void>,
  onError: (key: string, error: unknown) => void,
): Monitors {
  const stops = new Map<string, AbortController>();
  const loops = new Set<Promise<void>>();
  return {
    start(name) {
      if (stops.has(name)) return;
      const end = new AbortController();
      stops.set(name, end);
      const loop = startPoller({
        clock: cluster.clock,
        signal: AbortSignal.any([cluster.signal, end.signal]),
        intervalSeconds: enginePollSeconds,
        tick: () => tick(name),
        onError: (error) => {
          onError(name, error);
        },
      });
      loops.add(loop);
      void loop.finally(() => loops.delete(loop));
    },
    stop(name) {
      stops.get(name)?.abort();
      stops.delete(name);
    },
    async settled() {
      await Promise.all([...loops]);
    },
  };
}

function change(
  { frontends }: Pick<Work, 'frontends'>,
  name: string,
  edit: (status: EngineFrontendStatus) => void,
): void {
  frontends.changeStatus(name, (draft) => {
    if (draft.status !== undefined) edit(draft.status);
  });
}

function newStatus(ownerID: string): EngineFrontendStatus {
  return { ...newInstanceStatus(ownerID), currentSize: '0', endpoint: '', targetIP: '', targetPort: 0 };
}

function reset({ cluster }: Work, status: EngineFrontendStatus): void {
  markStopped(status, cluster.clock.timestamp());
  Object.assign(status, { currentSize: '0', endpoint: '', targetIP: '', targetPort: 0 });
}
