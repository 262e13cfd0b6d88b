import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { volumeHead } from '../model/engine.ts';
import type { Engine } from '../model/engine.ts';
import { isTerminating } from '../model/replica.ts';

/**
 * One Snapshot CR for every snapshot of the engine, none for those that are gone.
 * Source: longhorn-manager:controller/engine_controller.go syncSnapshotCRs@v1.11.3.
 */
export function syncSnapshotRecords(cluster: LonghornCluster, engine: Engine): void {
  const status = engine.status;
  if (status === undefined || status.snapshotsError !== '') return;
  const volume = cluster.volumes.get(engine.spec.volumeName);
  if (volume === undefined || isTerminating(volume)) return;
  const known = new Map(
    cluster.snapshots
      .list({ [labelKeys.volume]: volume.metadata.name })
      .map((record) => [record.metadata.name, record]),
  );
  const present = status.snapshots ?? {};
  for (const [name, record] of known) {
    const requested = record.spec.createSnapshot && (record.status?.creationTime ?? '') === '';
    if (present[name] === undefined && !requested && !isTerminating(record)) cluster.snapshots.delete(name);
  }
  for (const name of Object.keys(present)) {
    if (name === volumeHead || known.has(name)) continue;
    cluster.snapshots.create({
      metadata: { name },
      spec: { volume: volume.metadata.name, createSnapshot: false, labels: null },
    });
  }
}
