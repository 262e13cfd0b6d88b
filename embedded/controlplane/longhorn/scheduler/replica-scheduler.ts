import { isLinkedClone, usableSourceReplicas } from '../clone/linked-clone.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { conditionOf } from '../model/condition.ts';
import { isAvailableHealthy, isTerminating } from '../model/replica.ts';
import type { Replica } from '../model/replica.ts';
import type { Volume } from '../model/volume.ts';
import { diskTypeFor, hasTags, isNodeReady, listDisks } from '../node/disks.ts';
import type { Disk } from '../node/disks.ts';
import { hasSpaceFor } from './disk-space.ts';

export type Scheduling = { kind: 'scheduled'; disk: Disk } | { kind: 'refused'; reasons: readonly string[] };

/** Words of the volume's Scheduled condition. Source: longhorn-manager:k8s/…/v1beta2/error.go@v1.11.3. */
const reasons = {
  noNodes: 'nodes are unavailable',
  noDisks: 'disks are unavailable',
  insufficientStorage: 'insufficient storage',
  tags: 'tags not fulfilled',
  linkedClone: 'linked clone replica cannot be satisfied',
  nodeAffinity: 'replica scheduling failed: hard affinity cannot be satisfied',
} as const;

/**
 * Chooses a disk: another zone and node than the volume's replicas if possible, the same only where soft anti-affinity
 * allows it, then the disk that nobody of the volume uses with the most free space.
 * Source: longhorn-manager:scheduler/replica_scheduler.go@v1.11.3.
 */
export function scheduleReplica(
  cluster: LonghornCluster,
  options: { volume: Volume; replica: Replica; replicas: readonly Replica[] },
): Scheduling {
  const { volume, replica } = options;
  const dataEngine = volume.spec.dataEngine;
  const nodeDisks = listDisks(cluster).filter((disk) => isNodeReady(disk.node) && isNodeSchedulable(disk));
  if (nodeDisks.length === 0) return { kind: 'refused', reasons: [reasons.noNodes] };
  const typed = nodeDisks.filter((disk) => isDiskSchedulable(disk) && disk.spec.diskType === diskTypeFor(dataEngine));
  if (typed.length === 0) return { kind: 'refused', reasons: [reasons.noDisks] };
  const sharing = isLinkedClone(volume) ? typed.filter((disk) => hostsSource(cluster, volume, disk)) : typed;
  if (sharing.length === 0) return { kind: 'refused', reasons: [reasons.linkedClone] };
  const tagged = sharing.filter(
    (disk) =>
      hasTags(disk.node.spec.tags, volume.spec.nodeSelector) && hasTags(disk.spec.tags, volume.spec.diskSelector),
  );
  if (tagged.length === 0) return { kind: 'refused', reasons: [reasons.tags] };
  const pinned = replica.spec.hardNodeAffinity;
  const near = pinned === '' ? tagged : tagged.filter((disk) => disk.node.metadata.name === pinned);
  if (near.length === 0) return { kind: 'refused', reasons: [reasons.nodeAffinity] };
  const size = Number(volume.spec.size);
  const roomy = near.filter((disk) => hasSpaceFor(disk, size, volume.status?.actualSize ?? 0, cluster.settings));
  if (roomy.length === 0) return { kind: 'refused', reasons: [reasons.insufficientStorage] };
  const disk = best(applyAntiAffinity(cluster, volume, roomy, occupants(options)));
  return disk === undefined ? { kind: 'refused', reasons: [reasons.noNodes] } : { kind: 'scheduled', disk };
}

function isNodeSchedulable(disk: Disk): boolean {
  const condition = conditionOf(disk.node.status?.conditions, 'Schedulable');
  return disk.node.spec.allowScheduling && !disk.node.spec.evictionRequested && condition?.status !== 'False';
}

function isDiskSchedulable(disk: Disk): boolean {
  const ready = conditionOf(disk.status.conditions, 'Ready')?.status === 'True';
  const schedulable = conditionOf(disk.status.conditions, 'Schedulable')?.status === 'True';
  return ready && schedulable && disk.spec.allowScheduling && !disk.spec.evictionRequested;
}

/** A replica of a linked clone can only be where the source has one. Source: buildLinkedCloneSrcNodeDiskMap@v1.12.1. */
function hostsSource(cluster: LonghornCluster, clone: Volume, disk: Disk): boolean {
  return usableSourceReplicas(cluster, clone).some(({ spec }) => spec.diskID === disk.status.diskUUID);
}

interface Occupants {
  readonly nodes: ReadonlySet<string>;
  readonly disks: ReadonlySet<string>;
}

/** Where the volume's data is, or is about to be: failed replicas count too as long as they can be reused. */
function occupants(options: { replica: Replica; replicas: readonly Replica[] }): Occupants {
  const others = options.replicas.filter(
    (other) =>
      other.metadata.name !== options.replica.metadata.name &&
      other.spec.nodeID !== '' &&
      other.spec.failedAt === '' &&
      !isTerminating(other),
  );
  return {
    nodes: new Set(others.map((other) => other.spec.nodeID)),
    disks: new Set(others.map((other) => other.spec.diskID)),
  };
}

interface Candidate {
  disk: Disk;
  newZone: boolean;
  newNode: boolean;
  newDisk: boolean;
}

function applyAntiAffinity(
  cluster: LonghornCluster,
  volume: Volume,
  disks: readonly Disk[],
  used: Occupants,
): Candidate[] {
  const zoneOf = new Map(cluster.nodes.list().map((node) => [node.metadata.name, node.status?.zone ?? '']));
  const usedZones = new Set([...used.nodes].map((node) => zoneOf.get(node) ?? ''));
  const soft = {
    node: isAllowed(cluster, volume.spec.replicaSoftAntiAffinity, 'replica-soft-anti-affinity'),
    zone: isAllowed(cluster, volume.spec.replicaZoneSoftAntiAffinity, 'replica-zone-soft-anti-affinity'),
    disk: isAllowed(cluster, volume.spec.replicaDiskSoftAntiAffinity, 'replica-disk-soft-anti-affinity'),
  };
  return disks
    .map((disk) => ({
      disk,
      newZone: !usedZones.has(zoneOf.get(disk.node.metadata.name) ?? ''),
      newNode: !used.nodes.has(disk.node.metadata.name),
      newDisk: !used.disks.has(disk.status.diskUUID),
    }))
    .filter(
      (candidate) =>
        (candidate.newNode || soft.node) && (candidate.newZone || soft.zone) && (candidate.newDisk || soft.disk),
    );
}

function isAllowed(cluster: LonghornCluster, own: string | undefined, setting: string): boolean {
  if (own === 'enabled') return true;
  if (own === 'disabled') return false;
  return cluster.settings.flag(setting);
}

function best(candidates: readonly Candidate[]): Disk | undefined {
  const rank = (candidate: Candidate): number[] => [
    candidate.newZone ? 0 : 1,
    candidate.newNode ? 0 : 1,
    candidate.newDisk ? 0 : 1,
    -(candidate.disk.status.storageMaximum - candidate.disk.status.storageScheduled),
  ];
  return [...candidates].sort((left, right) => {
    const a = rank(left);
    const b = rank(right);
    const index = a.findIndex((value, position) => value !== b[position]);
    return index < 0 ? compareNames(left.disk, right.disk) : (a[index] ?? 0) - (b[index] ?? 0);
  })[0]?.disk;
}

function compareNames(left: Disk, right: Disk): number {
  const nameOf = (disk: Disk): string => `${disk.node.metadata.name}/${disk.key}`;
  return nameOf(left) < nameOf(right) ? -1 : 1;
}

/** How long a new replica must wait, because a failed one may come back: 0 is now (longhorn-facts §4.6). */
export function secondsUntilNewReplica(
  cluster: LonghornCluster,
  options: { volume: Volume; replicas: readonly Replica[]; fastRebuild: boolean; nowMs: number },
): number {
  if (options.volume.spec.dataEngine === 'v2' && !options.fastRebuild) return 0;
  const reusable = options.replicas.some((replica) => isPotentiallyReusable(replica));
  const degradedAt = Date.parse(options.volume.status?.lastDegradedAt ?? '');
  if (!reusable || Number.isNaN(degradedAt)) return 0;
  // The interval is Longhorn's time, the timestamps are this machine's.
  const elapsed = (options.nowMs - degradedAt) / 1000 / cluster.clock.timeScale;
  return Math.max(0, cluster.settings.number('replica-replenishment-wait-interval') - elapsed);
}

export const maxRebuildRetries = 5;

/** A failed replica whose data may be used again. */
export function isPotentiallyReusable(replica: Replica): boolean {
  return (
    !isTerminating(replica) &&
    !isAvailableHealthy(replica) &&
    replica.spec.failedAt !== '' &&
    replica.spec.nodeID !== '' &&
    replica.spec.diskID !== '' &&
    !replica.spec.evictionRequested &&
    replica.spec.rebuildRetryCount < maxRebuildRetries
  );
}
