import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { conditionOf } from '../model/condition.ts';
import type { DataEngine } from '../model/instance.ts';
import type { DiskSpec, DiskStatus, Node } from '../model/node.ts';

/** A disk as the scheduler sees it. */
export interface Disk {
  readonly node: Node;
  /** The key in `spec.disks`. */
  readonly key: string;
  readonly spec: DiskSpec;
  readonly status: DiskStatus;
}

export function listDisks(cluster: LonghornCluster): Disk[] {
  return cluster.nodes.list().flatMap((node) =>
    Object.entries(node.status?.diskStatus ?? {}).flatMap(([key, status]) => {
      const spec = node.spec.disks[key];
      return spec === undefined || status.diskUUID === '' ? [] : [{ node, key, spec, status }];
    }),
  );
}

export function findDisk(cluster: LonghornCluster, diskUuid: string): Disk | undefined {
  return listDisks(cluster).find((disk) => disk.status.diskUUID === diskUuid);
}

export function isNodeReady(node: Node): boolean {
  return conditionOf(node.status?.conditions, 'Ready')?.status === 'True';
}

export function isDiskReady(disk: Disk): boolean {
  return isNodeReady(disk.node) && conditionOf(disk.status.conditions, 'Ready')?.status === 'True';
}

export function diskTypeFor(dataEngine: DataEngine): DiskSpec['diskType'] {
  return dataEngine === 'v2' ? 'block' : 'filesystem';
}

/** A selector of tags is met by a node or disk that carries all of them. */
export function hasTags(tags: readonly string[] | undefined, selector: readonly string[] | undefined): boolean {
  return (selector ?? []).every((tag) => (tags ?? []).includes(tag));
}
