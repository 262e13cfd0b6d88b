import { isInVersionRange } from '../../../versions/profile.ts';
import { cloneReplicasOf } from '../clone/linked-clone.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { Engine } from '../model/engine.ts';
import { isTerminating } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import type { Volume } from '../model/volume.ts';
import { forbidden, invalid } from './denial.ts';
import { addLabels, defaultEngine, requireEngineEnabled } from './webhook.ts';
import type { Webhook } from './webhook.ts';

function labelVolume(child: Replica | Engine): void {
  const volume = ((child.spec as Partial<Replica['spec']> | undefined)?.volumeName ?? '').toLowerCase();
  if (volume !== '') addLabels(child, { [labelKeys.volume]: volume });
}

function completeReplica(_cluster: LonghornCluster, replica: Replica): void {
  labelVolume(replica);
  defaultEngine(replica, 'v1');
}

/** Source: longhorn-manager:webhook/resources/replica@v1.8.1, v1.11.3, v1.12.1. */
export const replicaWebhook: Webhook<Replica> = {
  mutateCreate: completeReplica,
  mutateUpdate: completeReplica,
  validateCreate(cluster, replica) {
    requireEngineEnabled(cluster, (replica.spec as Partial<Replica['spec']> | undefined)?.dataEngine ?? 'v1');
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
    const volume = cluster.volumes.get((replica.spec as Partial<Replica['spec']> | undefined)?.volumeName ?? '');
    if (volume === undefined || isTerminating(volume)) return;
    const available = cluster
      .replicasOf(volume.metadata.name)
      .filter((other) => isAvailable(cluster, other))
      .map((other) => other.metadata.name);
    const name = replica.metadata.name;
    if (available.length === 1 && available[0] === name)
      throw invalid(lastReplicaMessage(cluster, name, volume.metadata.name));
    const clones = cloneReplicasOf(cluster, name)
      .map((clone) => clone.metadata.name)
      .sort();
    if (clones.length > 0) {
      throw forbidden(
        `cannot delete replica ${name}: it is the source of linked-clone replica(s) [${clones.join(' ')}]`,
      );
    }
  },
};

function isAvailable(cluster: LonghornCluster, replica: Replica): boolean {
  const { healthyAt = '', failedAt = '', evictionRequested = false } = replica.spec as Partial<Replica['spec']>;
  if (healthyAt === '' || isTerminating(replica)) return false;
  // Before 1.10 a failed replica counts too: its data may be good for rescue.
  if (cluster.profile.replicaDeleteRule === 'healthy-at') return true;
  return failedAt === '' && !evictionRequested;
}

function lastReplicaMessage(cluster: LonghornCluster, replica: string, volume: string): string {
  if (cluster.profile.replicaDeleteRule === 'healthy-at') {
    return `cannot delete replica ${replica} because volume ${volume} only has one available replica`;
  }
  const why = 'since it may still contain data for recovery';
  return `no other healthy replica available for volume ${volume}, cannot delete replica ${replica} ${why}`;
}

function completeEngine(_cluster: LonghornCluster, engine: Engine): void {
  const spec = (engine.spec ??= {} as Engine['spec']) as Partial<Engine['spec']>;
  spec.replicaAddressMap ??= {};
  spec.upgradedReplicaAddressMap ??= {};
  labelVolume(engine);
  defaultEngine(engine, 'v1');
}

/** Source: longhorn-manager:webhook/resources/engine@v1.8.0..v1.12.1. */
export const engineWebhook: Webhook<Engine> = {
  mutateCreate: completeEngine,
  mutateUpdate: completeEngine,
  validateCreate(cluster, engine) {
    const volume = cluster.volumes.get(engine.spec.volumeName);
    if (volume === undefined) throw invalid('volume does not exist for engine', 'spec.volumeName');
    requireEngineEnabled(cluster, engine.spec.dataEngine);
    const count = cluster.enginesOf(volume.metadata.name).length + 1;
    const migratable = volume.spec.migratable === true;
    if (count <= (migratable || isSwitchover(cluster, volume, engine) ? 2 : 1)) return;
    const kind = migratable ? 'migratable' : 'non-migratable';
    throw invalid(`engine creation would result in ${String(count)} engines for ${kind} volume`);
  },
  validateUpdate(_cluster, engine, old) {
    if (engine.spec.dataEngine !== old.spec.dataEngine) {
      throw invalid(`changing data engine for engine ${old.metadata.name} is not supported`);
    }
  },
};

/** A V2 volume whose engine moves to another node has two engines for a while. */
function isSwitchover({ profile }: LonghornCluster, { spec, status }: Volume, engine: Engine): boolean {
  if (
    !isInVersionRange(profile.version, '1.12.0..') ||
    spec.dataEngine !== 'v2' ||
    (status?.currentNodeID ?? '') === ''
  )
    return false;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const wanted = text(spec['engineNodeID']) || text(spec.nodeID);
  const current = text(status?.['currentEngineNodeID']);
  if (wanted === '' || current === '' || wanted === current) return false;
  return text(engine.spec.nodeID) === '' || engine.spec.nodeID === wanted;
}

/** Source: longhorn-manager:webhook/resources/enginefrontend@v1.12.0, v1.12.1. */
export const engineFrontendWebhook: Webhook<Engine> = {
  mutateCreate: completeFrontend,
  mutateUpdate: completeFrontend,
  validateCreate(cluster, frontend) {
    if (cluster.volumes.get(frontend.spec.volumeName) === undefined)
      throw invalid('volume does not exist for engine frontend', 'spec.volumeName');
    if (frontend.spec.dataEngine === 'v2') return;
    throw invalid(`data engine ${frontend.spec.dataEngine} is not supported for engine frontend`, 'spec.dataEngine');
  },
  validateUpdate(_cluster, frontend, old) {
    if (frontend.spec.dataEngine === old.spec.dataEngine) return;
    throw invalid(`changing data engine for engine frontend ${old.metadata.name} is not supported`);
  },
};

function completeFrontend(_cluster: LonghornCluster, frontend: Engine): void {
  frontend.spec ??= {} as Engine['spec'];
  labelVolume(frontend);
  defaultEngine(frontend, 'v2');
}
