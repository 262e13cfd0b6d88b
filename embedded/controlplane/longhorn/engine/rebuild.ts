import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { withCondition } from '../model/condition.ts';
import { replicaUrl } from '../model/engine.ts';
import type { Engine } from '../model/engine.ts';
import { setFailedAt } from '../model/replica.ts';
import { isFastRebuildEnabled } from '../settings/settings.ts';
import { enginePollSeconds } from './engine-monitor.ts';

const purgeTickSeconds = 2 * enginePollSeconds;
const purgeDelaySeconds = 1;
/** So many polls may a linked clone's source take to be attached. */
const sourceTicks = 60;

export interface Rebuild {
  readonly cluster: LonghornCluster;
  readonly recorder: EventRecorder;
  readonly engineName: string;
  readonly volumeName: string;
  readonly nodeName: string;
  readonly replicaName: string;
  readonly address: string;
  /** Tells the monitor that the engine's replicas have been purged. */
  purged(): void;
}

/**
 * Adds one replica to a running engine: purge, one tick of waiting, ReplicaAdd, wait for RW, purge again.
 * Source: longhorn-manager:controller/engine_controller.go startRebuilding@v1.11.3.
 */
export async function rebuildReplica(rebuild: Rebuild): Promise<void> {
  const { cluster, recorder, address, replicaName, engineName, volumeName } = rebuild;
  const purges = cluster.settings.flag('auto-cleanup-system-generated-snapshot');
  if (purges) {
    await purge(rebuild);
    await cluster.clock.sleep(purgeTickSeconds, cluster.signal);
    if (!isStillWanted(rebuild)) return;
  }
  setRebuildFailed(rebuild, '');
  const engine = cluster.engines.get(engineName);
  if (engine === undefined) return;
  const start = `Start rebuilding replica ${replicaName} with Address ${address}`;
  recorder.normal(engine, 'Rebuilding', `${start} for normal engine ${engineName} and volume ${volumeName}`);
  try {
    const linkedClone = await linkedCloneSource(rebuild);
    const linked = linkedClone === undefined ? {} : { linkedClone };
    const fastSync = isFastRebuildEnabled(cluster.settings, engine.spec.dataEngine);
    const node = cluster.dataPlane.node(rebuild.nodeName);
    await node.engineReplicaAdd({ engineName, replicaName, address, fastSync, ...linked });
    await waitUntilRebuilt(rebuild);
  } catch (error) {
    if (cluster.signal.aborted) return;
    await giveUp(rebuild, engine, error);
    return;
  }
  const rebuilt = `Replica ${replicaName} with Address ${address} has been rebuilt for volume ${volumeName}`;
  recorder.normal(engine, 'Rebuilt', rebuilt);
  if (!purges) return;
  // The volume controller has long reacted to the mode RW when this purge begins (longhorn-facts §4.9).
  await cluster.clock.sleep(purgeDelaySeconds, cluster.signal);
  await purge(rebuild);
}

/**
 * Waits until the engine of a linked clone's source serves, and says which; undefined for other volumes.
 * Source: longhorn-manager:controller/engine_controller.go startRebuilding@v1.12.1, which comes again until then.
 */
async function linkedCloneSource(
  rebuild: Rebuild,
): Promise<{ replicaName: string; engineName: string; engineAddress: string } | undefined> {
  const { cluster, replicaName } = rebuild;
  const sourceReplica = cluster.replicas.get(replicaName)?.spec.linkedCloneSrcReplicaName ?? '';
  if (sourceReplica === '') return undefined;
  for (let tick = 0; tick < sourceTicks && isStillWanted(rebuild); tick += 1) {
    const source = cluster.engines.get(cluster.replicas.get(sourceReplica)?.spec.engineName ?? '');
    const status = source?.status;
    if (source !== undefined && status?.currentState === 'running' && status.replicaModeMap?.[sourceReplica] === 'RW') {
      const engineAddress = `${status.storageIP}:${String(status.port)}`;
      return { replicaName: sourceReplica, engineName: source.metadata.name, engineAddress };
    }
    await cluster.clock.sleep(enginePollSeconds, cluster.signal);
  }
  throw new Error(
    `the engine of linked-clone src replica ${sourceReplica} is not yet running: deferring rebuild until it recovers`,
  );
}

async function purge(rebuild: Rebuild): Promise<void> {
  const { cluster, engineName } = rebuild;
  await cluster.dataPlane.node(rebuild.nodeName).engineSnapshotPurge({ engineName });
  rebuild.purged();
}

function isStillWanted(rebuild: Rebuild): boolean {
  const engine = rebuild.cluster.engines.get(rebuild.engineName);
  if (engine?.status?.currentState !== 'running' || engine.spec.desireState !== 'running') return false;
  return engine.status.currentReplicaAddressMap?.[rebuild.replicaName] === rebuild.address;
}

/** Watches the CRs as the engine controller does; throws when the rebuild cannot end well any more. */
async function waitUntilRebuilt(rebuild: Rebuild): Promise<void> {
  const { cluster, replicaName, engineName } = rebuild;
  const ticks = Math.ceil(cluster.settings.number('long-grpc-timeout') / enginePollSeconds);
  for (let tick = 0; tick < ticks; tick += 1) {
    await cluster.clock.sleep(enginePollSeconds, cluster.signal);
    const engine = cluster.engines.get(engineName);
    if (engine === undefined)
      throw new Error(`engine ${engineName} not found during v2 replica ${replicaName} rebuild wait`);
    const address = engine.spec.replicaAddressMap[replicaName] ?? '';
    if (address === '') throw new Error(`unknown replica ${replicaName} for engine`);
    const state = cluster.replicas.get(replicaName)?.status?.currentState;
    if (state !== 'running') {
      throw new Error(`replica ${replicaName} is state ${state ?? ''}, which is invalid for rebuilding`);
    }
    const mode = engine.status?.replicaModeMap?.[replicaName];
    if (mode === 'RW') return;
    if (mode === 'ERR') throw new Error(`replica ${replicaName} is in ERR mode, which is invalid for rebuilding`);
    const status = engine.status?.rebuildStatus?.[replicaUrl(address)];
    if (status === undefined) continue;
    if (status.state === 'error' || status.error !== '') {
      const detail = `rebuilding state ${status.state}, error: ${status.error}`;
      throw new Error(`failed to wait for v2 replica ${replicaName} rebuild, ${detail}`);
    }
    if (status.state === 'complete') return;
  }
  throw new Error(`timeout waiting for replica ${replicaName} to be rebuilt`);
}

async function giveUp(rebuild: Rebuild, engine: Engine, error: unknown): Promise<void> {
  const { cluster, recorder, engineName, replicaName, address } = rebuild;
  const text = error instanceof Error ? error.message : String(error);
  recorder.warning(engine, 'FailedRebuilding', `Failed rebuilding replica with Address ${address}: ${text}`);
  try {
    await cluster.dataPlane.node(rebuild.nodeName).engineReplicaDelete({ engineName, replicaName, address });
  } catch (removal) {
    const what = `Failed to remove rebuilding replica ${replicaName} with address ${address} for engine ${engineName}`;
    const why = `due to rebuilding failure: ${removal instanceof Error ? removal.message : String(removal)}`;
    recorder.warning(engine, 'FailedDeleting', `${what} and volume ${rebuild.volumeName} ${why}`);
  }
  setRebuildFailed(rebuild, text);
  cluster.replicas.change(replicaName, (draft) => {
    setFailedAt(draft, cluster.clock.timestamp());
    draft.spec.desireState = 'stopped';
  });
}

const disconnections = ['code = Canceled', 'code = DeadlineExceeded', 'code = Unavailable'];

function setRebuildFailed(rebuild: Rebuild, message: string): void {
  const { cluster, replicaName } = rebuild;
  const disconnected = disconnections.some((text) => message.includes(text));
  cluster.replicas.changeStatus(replicaName, (draft) => {
    if (draft.status === undefined) return;
    draft.status.conditions = withCondition(draft.status.conditions, {
      type: 'RebuildFailed',
      status: message === '' ? 'False' : 'True',
      reason: message === '' ? '' : disconnected ? 'Disconnection' : 'General',
      message,
      now: cluster.clock.timestamp(),
    });
  });
}
