/** Longhorn's disks as the nodes report them. */
import type { KubeClient } from '../kubernetes/client.ts';
import { longhornNodes, type LonghornNode } from './kinds.ts';

export interface Disk {
  readonly node: string;
  /** UUID; for a block disk also its lvstore's. */
  readonly uuid: string;
  /** The lvstore's name for a block disk. With the NVMe driver it is not the key under which the user added it. */
  readonly name: string;
  readonly type: 'block' | 'filesystem';
  /** Why nothing can be placed on it; undefined when it is usable. */
  readonly unusable: string | undefined;
}

export async function listDisks(client: KubeClient, namespace: string): Promise<readonly Disk[]> {
  const { items } = await client.list(longhornNodes, { namespace });
  return items.flatMap(disksOf);
}

export function disksOf(node: LonghornNode): Disk[] {
  return Object.entries(node.status?.diskStatus ?? {}).map(([key, status]) => ({
    node: node.metadata.name,
    uuid: status.diskUUID ?? '',
    name: status.diskName === undefined || status.diskName === '' ? key : status.diskName,
    type: (status.diskType ?? node.spec.disks?.[key]?.diskType) === 'block' ? 'block' : 'filesystem',
    unusable: reasonUnusable(node, key),
  }));
}

function reasonUnusable(node: LonghornNode, key: string): string | undefined {
  if (node.spec.allowScheduling === false) return 'scheduling is off for its node';
  if (node.spec.disks?.[key]?.allowScheduling === false) return 'scheduling is off for it';
  const conditions = [...(node.status?.conditions ?? []), ...(node.status?.diskStatus?.[key]?.conditions ?? [])];
  const failed = conditions.find(
    ({ type, status }) => (type === 'Ready' || type === 'Schedulable') && status !== 'True',
  );
  if (failed !== undefined) return `${failed.type} is ${failed.status}: ${failed.message ?? failed.reason ?? ''}`;
  return (node.status?.diskStatus?.[key]?.diskUUID ?? '') === '' ? 'it has no UUID yet' : undefined;
}
