import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { instanceManagerName } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import type { InstanceSpec, InstanceStatus } from '../model/instance.ts';

/** Who works on an instance: the node it is on, else whoever has it. */
export function instanceOwner(
  cluster: LonghornCluster,
  spec: InstanceSpec,
  status: InstanceStatus | undefined,
): string {
  if (spec.nodeID !== '') return spec.nodeID;
  return status?.ownerID ?? cluster.nodes.list()[0]?.metadata.name ?? '';
}

export function managerOf(cluster: LonghornCluster, spec: InstanceSpec): string {
  return instanceManagerName(cluster.profile.images.instanceManager, spec.nodeID, spec.dataEngine);
}

/** Nothing is started while its instance manager is not there; when it is again, the instance is looked at anew. */
export function isManagerRunning(cluster: LonghornCluster, spec: InstanceSpec): boolean {
  return cluster.instanceManagers.get(managerOf(cluster, spec))?.status?.currentState === 'running';
}

/** The first state of an instance, and its state after each stop. */
export function markStopped(status: InstanceStatus, now: string): void {
  let conditions = withCondition(status.conditions, { type: 'InstanceCreation', status: 'True', now });
  conditions = withCondition(conditions, { type: 'FilesystemReadOnly', status: 'False', now });
  Object.assign(status, {
    conditions,
    currentState: 'stopped',
    currentImage: '',
    instanceManagerName: '',
    ip: '',
    storageIP: '',
    port: 0,
    started: false,
    starting: false,
  } satisfies Partial<InstanceStatus>);
  delete status.uuid;
}

export function markRunning(
  status: InstanceStatus,
  instance: { image: string; ip: string; port: number; uuid: string },
): void {
  Object.assign(status, {
    currentState: 'running',
    currentImage: instance.image,
    ip: instance.ip,
    storageIP: instance.ip,
    port: instance.port,
    started: true,
    starting: false,
    uuid: instance.uuid,
  } satisfies Partial<InstanceStatus>);
}

/** Of an instance on a node that nobody hears of. */
export function markUnknown(status: InstanceStatus): void {
  markError(status);
  status.currentState = 'unknown';
}

export function markError(status: InstanceStatus): void {
  Object.assign(status, {
    currentState: 'error',
    currentImage: '',
    ip: '',
    storageIP: '',
    port: 0,
  } satisfies Partial<InstanceStatus>);
  delete status.uuid;
}
