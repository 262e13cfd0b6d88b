import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import type { Condition } from '../model/condition.ts';
import type { Engine } from '../model/engine.ts';
import type { EngineFrontend } from '../model/engine-frontend.ts';
import type { Replica } from '../model/replica.ts';
import type { Volume, VolumeStatus } from '../model/volume.ts';

/**
 * One run of the volume controller over one volume: drafts that its steps edit. A run is synchronous, so what it read
 * is what it writes over.
 */
export interface VolumePass {
  readonly cluster: LonghornCluster;
  readonly recorder: EventRecorder;
  readonly now: string;
  readonly volume: Volume & { status: VolumeStatus };
  engine: Engine | undefined;
  /** Of a V2 volume from 1.12.0 on. */
  frontend: EngineFrontend | undefined;
  readonly replicas: Map<string, Replica>;
  requeueAfter(seconds: number): void;
}

export function setVolumeCondition(
  pass: VolumePass,
  type: string,
  status: Condition['status'],
  reason = '',
  message = '',
): void {
  const { status: volumeStatus } = pass.volume;
  volumeStatus.conditions = withCondition(volumeStatus.conditions, { type, status, reason, message, now: pass.now });
}

export function replicaList(pass: VolumePass): Replica[] {
  return [...pass.replicas.values()];
}

/** Deletes a replica in the run's own name; the webhook may refuse. */
export function deleteReplica(pass: VolumePass, replica: Replica): void {
  pass.cluster.replicas.delete(replica.metadata.name);
  pass.replicas.delete(replica.metadata.name);
}

function cloneLabel({ spec }: Replica): Record<string, string> {
  const source = spec.linkedCloneSrcReplicaName ?? '';
  return source === '' ? {} : { [labelKeys.linkedCloneSourceReplica]: source };
}

/** Writes replicas, then engines, then their frontends, then the volume's status, which is therefore always last (longhorn-facts §4.0). */
export function writeBack(pass: VolumePass): void {
  const { cluster, engine, volume } = pass;
  for (const replica of pass.replicas.values()) {
    cluster.replicas.change(replica.metadata.name, (draft) => {
      draft.spec = replica.spec;
      draft.metadata.labels = {
        ...draft.metadata.labels,
        [labelKeys.node]: replica.spec.nodeID,
        [labelKeys.diskUuid]: replica.spec.diskID,
        ...cloneLabel(replica),
      };
    });
  }
  if (engine !== undefined) {
    cluster.engines.change(engine.metadata.name, (draft) => {
      draft.spec = engine.spec;
      draft.metadata.labels = { ...draft.metadata.labels, [labelKeys.node]: engine.spec.nodeID };
    });
  }
  const { frontend } = pass;
  if (frontend !== undefined) {
    cluster.engineFrontends?.change(frontend.metadata.name, (draft) => {
      draft.spec = frontend.spec;
      draft.metadata.labels = { ...draft.metadata.labels, [labelKeys.node]: frontend.spec.nodeID };
    });
  }
  cluster.volumes.changeStatus(volume.metadata.name, (draft) => {
    draft.status = volume.status;
  });
}
