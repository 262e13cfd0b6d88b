import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { instanceManagerName } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import type { Condition } from '../model/condition.ts';
import type { DiskSpec, DiskStatus, Node } from '../model/node.ts';

/** The first status of a disk, before anything has been placed on it. */
export function newDiskStatus(
  cluster: LonghornCluster,
  node: string,
  options: { key: string; spec: DiskSpec; diskUuid: string; diskName: string; totalBytes: number; freeBytes: number },
): DiskStatus {
  const { key, spec } = options;
  const dataEngine = spec.diskType === 'block' ? 'v2' : 'v1';
  return {
    conditions: diskConditions({ node, key, path: spec.path, now: cluster.clock.timestamp() }),
    storageAvailable: options.freeBytes,
    storageScheduled: 0,
    storageMaximum: options.totalBytes,
    scheduledReplica: {},
    scheduledBackingImage: {},
    diskUUID: options.diskUuid,
    diskName: options.diskName,
    diskPath: spec.path,
    diskType: spec.diskType,
    diskDriver: spec.diskType === 'block' ? 'aio' : '',
    filesystemType: spec.diskType === 'block' ? '' : 'ext2/ext3',
    ...(dataEngine === 'v1' ? { healthDataLastCollectedAt: cluster.clock.timestamp() } : {}),
    instanceManagerName: instanceManagerName(cluster.profile.images.instanceManager, node, dataEngine),
  };
}

function diskConditions(options: { node: string; key: string; path: string; now: string }): Condition[] {
  const { now } = options;
  const disk = `Disk ${options.key}(${options.path}) on node ${options.node}`;
  const ready = withCondition([], { type: 'Ready', status: 'True', message: `${disk} is ready`, now });
  return withCondition(ready, { type: 'Schedulable', status: 'True', message: `${disk} is schedulable`, now });
}

/** What is on each disk now: replicas, backing images, space. */
export function refreshDiskStatus(cluster: LonghornCluster, node: Node): Record<string, DiskStatus> {
  const replicas = cluster.replicas.list().filter((replica) => replica.spec.nodeID === node.metadata.name);
  const entries = Object.entries(node.status?.diskStatus ?? {}).map(([key, status]): [string, DiskStatus] => {
    const placed = replicas.filter((replica) => replica.spec.diskID === status.diskUUID);
    const sizes = placed.map((replica): [string, number] => [replica.metadata.name, Number(replica.spec.volumeSize)]);
    const images = cluster.backingImages
      .list()
      .filter((image) => image.spec.diskFileSpecMap?.[status.diskUUID] !== undefined)
      .map((image): [string, number] => [image.metadata.name, image.status?.realSize ?? 0]);
    const info =
      status.diskType === 'block' ? cluster.dataPlane.node(node.metadata.name).diskGet(status.diskName) : undefined;
    return [
      key,
      {
        ...status,
        scheduledReplica: Object.fromEntries(sizes),
        scheduledBackingImage: Object.fromEntries(images),
        storageScheduled: [...sizes, ...images].reduce((sum, [, size]) => sum + size, 0),
        ...(info === undefined ? {} : { storageAvailable: info.freeBytes, storageMaximum: info.totalBytes }),
      },
    ];
  });
  return Object.fromEntries(entries);
}
