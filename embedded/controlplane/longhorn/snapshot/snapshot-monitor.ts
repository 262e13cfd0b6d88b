import type { SnapshotHashStatus } from '../../../dataplane/contract.ts';
import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { replicaUrl } from '../model/engine.ts';
import type { Engine } from '../model/engine.ts';
import type { Snapshot, Volume } from '../model/volume.ts';

const pollSeconds = 5;
const mostPolls = (24 * 60 * 60) / pollSeconds;
const immediateCheck = 'snapshot-data-integrity-immediate-check-after-snapshot-creation';

/**
 * Has user snapshots hashed on all replicas when their object changes, where the settings ask for that, and lets the
 * replicas vote what the object's checksum is. The weekly check of all snapshots is left out.
 * Source: longhorn-manager:controller/monitor/snapshot_monitor.go, controller/node_controller.go enqueueSnapshot@v1.11.3.
 */
export function startSnapshotMonitor(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const recorder = cluster.recorderOf('longhorn-node-controller');
  const controller = createController({
    name: 'longhorn-snapshot-monitor',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => check(cluster, recorder, name),
  });
  cluster.store.watch(cluster.snapshots.resource, (event) => {
    const snapshot = event.object as Snapshot;
    if (event.type !== 'MODIFIED' || snapshot.status?.userCreated !== true) return;
    const volume = cluster.volumes.get(snapshot.spec.volume);
    if (volume !== undefined && isHashedAtOnce(cluster, volume)) controller.enqueue(snapshot.metadata.name);
  });
  return controller;
}

function isHashedAtOnce(cluster: LonghornCluster, volume: Volume): boolean {
  return cluster.settings.flag(immediateCheck, volume.spec.dataEngine) && integrityOf(cluster, volume) !== 'disabled';
}

/** The volume's own choice, else the setting of its engine; V2 has none before 1.9. */
function integrityOf(cluster: LonghornCluster, volume: Volume): string {
  const own = volume.spec['snapshotDataIntegrity'];
  if (typeof own === 'string' && own !== 'ignored') return own;
  const { definitions } = cluster.settings;
  const ofV2 = 'v2-data-engine-snapshot-data-integrity';
  const isV2 = volume.spec.dataEngine === 'v2';
  return cluster.settings.text(
    isV2 && definitions.has(ofV2) ? ofV2 : 'snapshot-data-integrity',
    volume.spec.dataEngine,
  );
}

async function check(cluster: LonghornCluster, recorder: EventRecorder, name: string): Promise<void> {
  const snapshot = cluster.snapshots.get(name);
  const engine = snapshot === undefined ? undefined : cluster.enginesOf(snapshot.spec.volume)[0];
  if (engine?.status === undefined || snapshot === undefined) return;
  const modes = Object.values(engine.status.replicaModeMap ?? {});
  // A single replica has nobody to agree with.
  if (modes.filter((mode) => mode === 'RW').length < 2) return;
  if (Object.values(engine.status.purgeStatus ?? {}).some(({ isPurging }) => isPurging)) {
    throw new Error('cannot hash snapshot during purging');
  }
  if (Object.keys(engine.status.rebuildStatus ?? {}).length > 0)
    throw new Error('cannot hash snapshot during rebuilding');
  if (engine.status.snapshots?.[name] === undefined) return;
  const request = { engineName: engine.metadata.name, snapshotName: name };
  const node = cluster.dataPlane.node(engine.spec.nodeID);
  await node.engineSnapshotHash({ ...request, rehash: false });
  for (let poll = 0; poll < mostPolls; poll += 1) {
    const status = node.engineSnapshotHashStatus(request);
    const failed = Object.values(status).find(({ state }) => state === 'error');
    if (failed !== undefined) throw new Error(`failed to hash snapshot ${name} since ${failed.error}`);
    if (!Object.values(status).some(({ state }) => state === 'in_progress')) {
      decide(cluster, recorder, engine, snapshot, status);
      return;
    }
    await cluster.clock.sleep(pollSeconds, cluster.signal);
  }
}

/** V2 has no way to fail a replica for its checksum: who is outvoted is only told. */
function decide(
  cluster: LonghornCluster,
  recorder: EventRecorder,
  engine: Engine,
  snapshot: Snapshot,
  status: Readonly<Record<string, SnapshotHashStatus>>,
): void {
  const { name } = snapshot.metadata;
  const checksum = elected(status, snapshot.status?.checksum ?? '');
  if (checksum === undefined) {
    const what = `Failed to check the data integrity of snapshot ${name} for volume ${engine.spec.volumeName}`;
    recorder.warning(engine, 'FailedSnapshotDataIntegrityCheck', what);
    return;
  }
  if (snapshot.status?.checksum !== checksum) {
    cluster.snapshots.changeStatus(name, (draft) => {
      if (draft.status !== undefined) draft.status.checksum = checksum;
    });
  }
  for (const [address, replica] of Object.entries(status)) {
    if (replica.checksum !== checksum)
      recorder.warning(engine, 'Faulted', `Detected corrupted replica ${replicaUrl(address)}`);
  }
}

/** What most replicas say; on a tie what the object says, if it is among them. */
export function elected(status: Readonly<Record<string, SnapshotHashStatus>>, existing: string): string | undefined {
  const votes = new Map<string, number>();
  for (const { checksum } of Object.values(status)) votes.set(checksum, (votes.get(checksum) ?? 0) + 1);
  const most = Math.max(0, ...votes.values());
  const winners = [...votes].flatMap(([checksum, count]) => (count === most ? [checksum] : []));
  if (winners.length === 1) return winners[0];
  return existing !== '' && winners.includes(existing) ? existing : undefined;
}
