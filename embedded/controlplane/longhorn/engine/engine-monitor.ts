import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { EngineInfo, ReplicaMode } from '../../../dataplane/contract.ts';
import { replicaUrl, unknownReplicaPrefix } from '../model/engine.ts';
import type { Engine, EngineStatus } from '../model/engine.ts';
import { observedClones } from './clone-snapshot.ts';
import { observedRebuilds, observedSnapshots } from './observation.ts';

/** Source: longhorn-manager:controller/engine_controller.go EnginePollInterval@v1.11.3. */
export const enginePollSeconds = 5;

/**
 * One look at a running engine: its modes, snapshots, size, endpoint and rebuilds become the CR's status.
 * Source: longhorn-manager:controller/engine_controller.go EngineMonitor.refresh@v1.11.3.
 */
export async function refreshEngine(
  cluster: LonghornCluster,
  recorder: EventRecorder,
  name: string,
  purged: ReadonlySet<string>,
): Promise<void> {
  const engine = cluster.engines.get(name);
  // Without a node it is being stopped.
  if (engine?.status?.currentState !== 'running' || engine.spec.nodeID === '') return;
  const node = cluster.dataPlane.node(engine.spec.nodeID);
  const info = node.engineGet(name);
  if (info?.state !== 'running') return;
  const now = cluster.clock.timestamp();
  const modes = observedModes({ engine, status: engine.status, info, recorder, now });
  announceExpansion(recorder, engine, engine.status, info);
  cluster.engines.changeStatus(name, (draft) => {
    if (draft.status?.currentState !== 'running') return;
    draft.status.replicaModeMap = modes.modes;
    draft.status.replicaTransitionTimeMap = modes.times;
    draft.status.snapshots = observedSnapshots(info, draft.status.snapshots, now);
    // Where frontends are objects of their own, they have it: longhorn-spdk-engine:pkg/spdk/engine.go@d19dbb3a.
    draft.status.endpoint = cluster.engineFrontends === undefined ? info.endpoint : '';
    draft.status.currentSize = String(info.specSizeBytes);
    draft.status.cloneStatus = observedClones(info);
    draft.status.rebuildStatus = observedRebuilds(info, cluster.profile);
    draft.status.snapshotMaxCount = draft.spec.snapshotMaxCount;
    draft.status.snapshotMaxSize = draft.spec.snapshotMaxSize;
    draft.status.purgeStatus = Object.fromEntries(
      Object.values(draft.status.currentReplicaAddressMap ?? {}).map((address) => [
        replicaUrl(address),
        purged.has(address)
          ? { error: '', isPurging: false, progress: 100, state: 'complete' }
          : { error: '', isPurging: false, progress: 0, state: '' },
      ]),
    );
  });
  if (cluster.engineFrontends !== undefined) return;
  const wanted = Number(engine.spec.volumeSize);
  if (wanted > info.specSizeBytes) await node.engineExpand({ engineName: name, sizeBytes: wanted });
}

function observedModes(options: {
  engine: Engine;
  status: EngineStatus;
  info: EngineInfo;
  recorder: EventRecorder;
  now: string;
}): { modes: Record<string, ReplicaMode>; times: Record<string, string> } {
  const { engine, status, info, recorder, now } = options;
  const nameByAddress = new Map(
    Object.entries(status.currentReplicaAddressMap ?? {}).map(([name, address]) => [address, name]),
  );
  const modes: Record<string, ReplicaMode> = {};
  const times: Record<string, string> = {};
  for (const [instance, address] of Object.entries(info.replicaAddresses)) {
    const mode = info.replicaModes[instance];
    if (mode === undefined) continue;
    const replica = nameByAddress.get(address);
    if (replica === undefined) {
      modes[`${unknownReplicaPrefix}${replicaUrl(address)}`] = mode;
      continue;
    }
    modes[replica] = mode;
    const before = status.replicaModeMap?.[replica];
    times[replica] = before === mode ? (status.replicaTransitionTimeMap?.[replica] ?? now) : now;
    if (status.replicaModeMap !== null && before !== mode) announceMode(recorder, engine, replica, address, mode);
  }
  return { modes, times };
}

function announceMode(
  recorder: EventRecorder,
  engine: Engine,
  replica: string,
  address: string,
  mode: ReplicaMode,
): void {
  const who = `${replica} (${address})`;
  switch (mode) {
    case 'ERR':
      recorder.warning(engine, 'Faulted', `Detected replica ${who} in error`);
      break;
    case 'WO':
      recorder.normal(engine, 'Rebuilding', `Detected rebuilding replica ${who}`);
      break;
    case 'RW':
      recorder.normal(engine, 'Rebuilt', `Detected replica ${who} has been rebuilt`);
      break;
  }
}

function announceExpansion(recorder: EventRecorder, engine: Engine, status: EngineStatus, info: EngineInfo): void {
  const before = Number(status.currentSize);
  if (before === 0 || before === info.specSizeBytes) return;
  const message = `Engine successfully expand size from ${status.currentSize} to ${String(info.specSizeBytes)}`;
  recorder.normal(engine, 'SucceededExpansion', message);
}
