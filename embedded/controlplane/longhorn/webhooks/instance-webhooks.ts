import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Engine } from '../model/engine.ts';
import { isTerminating } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import { cloneReplicasOf } from '../clone/linked-clone.ts';
import { forbidden, invalid } from './denial.ts';
import { addLabels, requireEngineEnabled } from './webhook.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/replica@v1.8.1, v1.11.3, v1.12.1. */
export const replicaWebhook: Webhook<Replica> = {
  mutateCreate(_cluster, replica) {
    addLabels(replica, { [labelKeys.volume]: replica.spec.volumeName });
  },
  validateCreate(cluster, replica) {
    requireEngineEnabled(cluster, replica.spec.dataEngine);
  },
  validateUpdate(_cluster, replica, old) {
    if (replica.spec.dataEngine !== old.spec.dataEngine) {
      throw invalid(`changing data engine for replica ${old.metadata.name} is not supported`);
    }
    const before = old.spec.linkedCloneSrcReplicaName ?? '';
    if (before !== '' && replica.spec.linkedCloneSrcReplicaName !== before) {
      throw invalid('spec.linkedCloneSrcReplicaName is immutable once set', 'spec.linkedCloneSrcReplicaName');
    }
    const label = old.metadata.labels?.[labelKeys.linkedCloneSourceReplica] ?? '';
    if (label !== '' && replica.metadata.labels?.[labelKeys.linkedCloneSourceReplica] !== label) {
      throw invalid('label linked-clone-src-replica is immutable once set', 'metadata.labels');
    }
  },
  validateDelete(cluster, replica) {
    const volume = cluster.volumes.get(replica.spec.volumeName);
    if (volume === undefined || isTerminating(volume)) return;
    const available = cluster
      .replicasOf(volume.metadata.name)
      .filter((other) => isAvailable(cluster, other))
      .map((other) => other.metadata.name);
    const name = replica.metadata.name;
    if (available.length === 1 && available[0] === name) throw invalid(lastReplicaMessage(cluster, name, volume.metadata.name));
    const clones = cloneReplicasOf(cluster, name).map((clone) => clone.metadata.name).sort();
    if (clones.length > 0) {
      throw forbidden(`cannot delete replica ${name}: it is the source of linked-clone replica(s) [${clones.join(' ')}]`);
    }
  },
};

function isAvailable(cluster: LonghornCluster, replica: Replica): boolean {
  if (replica.spec.healthyAt === '' || isTerminating(replica)) return false;
  // Before 1.10 a failed replica counts too: its data may be good for rescue.
  if (cluster.profile.replicaDeleteRule === 'healthy-at') return true;
  return replica.spec.failedAt === '' && !replica.spec.evictionRequested;
}

function lastReplicaMessage(cluster: LonghornCluster, replica: string, volume: string): string {
  if (cluster.profile.replicaDeleteRule === 'healthy-at') {
    return `cannot delete replica ${replica} because volume ${volume} only has one available replica`;
  }
  const why = 'since it may still contain data for recovery';
  return `no other healthy replica available for volume ${volume}, cannot delete replica ${replica} ${why}`;
}

/** Source: longhorn-manager:webhook/resources/engine@v1.11.3. */
export const engineWebhook: Webhook<Engine> = {
  mutateCreate(_cluster, engine) {
    addLabels(engine, { [labelKeys.volume]: engine.spec.volumeName });
  },
  validateCreate(cluster, engine) {
    const volume = cluster.volumes.get(engine.spec.volumeName);
    if (volume === undefined) throw invalid('volume does not exist for engine', 'spec.volumeName');
    requireEngineEnabled(cluster, engine.spec.dataEngine);
    const count = cluster.enginesOf(volume.metadata.name).length + 1;
    const most = volume.spec.migratable === true ? 2 : 1;
    if (count > most) {
      const kind = volume.spec.migratable === true ? 'migratable' : 'non-migratable';
      throw invalid(`engine creation would result in ${String(count)} engines for ${kind} volume`);
    }
  },
  validateUpdate(_cluster, engine, old) {
    if (engine.spec.dataEngine !== old.spec.dataEngine) {
      throw invalid(`changing data engine for engine ${old.metadata.name} is not supported`);
    }
  },
};
