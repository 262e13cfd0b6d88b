/** Longhorn's disks as the nodes report them. */
import type { KubeClient } from '../kubernetes/client.ts';
import { longhornNodes, type LonghornNode } from './kinds.ts';

export interface Disk {
  readonly node: string;
  /** UUID; for a block disk also its lvstore's. */
  readonly uuid: string;
  /** The lvstore's name for a block disk. With the NVMe driver it is not the key under which the user added it. */
  readonly name: string;
  /** The key in the node's `spec.disks`, under which it can be changed. */
  readonly key: string;
  readonly type: 'block' | 'filesystem';
  /** Why nothing can be placed on it; undefined when it is usable. */
  readonly unusable: string | undefined;
  /** What of it a person can switch; absent where that is not what is wrong. */
  readonly switchedOff?: 'disk' | 'node' | 'cordoned node';
}

export async function listDisks(client: KubeClient, namespace: string): Promise<readonly Disk[]> {
  const { items } = await client.list(longhornNodes, { namespace });
  return items.flatMap(disksOf);
}

export function disksOf(node: LonghornNode): Disk[] {
  return Object.entries(node.status?.diskStatus ?? {}).map(([key, status]) => ({
    node: node.metadata.name,
    key,
    uuid: status.diskUUID ?? '',
    name: status.diskName === undefined || status.diskName === '' ? key : status.diskName,
    type: (status.diskType ?? node.spec.disks?.[key]?.diskType) === 'block' ? 'block' : 'filesystem',
    ...usabilityOf(node, key),
  }));
}

/** longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/node.go NodeConditionReasonKubernetesNodeCordoned@v1.11.3 */
const cordoned = 'KubernetesNodeCordoned';

function usabilityOf(node: LonghornNode, key: string): Pick<Disk, 'unusable' | 'switchedOff'> {
  if (node.spec.allowScheduling === false) return { unusable: 'scheduling is off for its node', switchedOff: 'node' };
  if (node.spec.disks?.[key]?.allowScheduling === false) {
    return { unusable: 'scheduling is off for it', switchedOff: 'disk' };
  }
  const conditions = [...(node.status?.conditions ?? []), ...(node.status?.diskStatus?.[key]?.conditions ?? [])];
  const failed = conditions.find(
    ({ type, status }) => (type === 'Ready' || type === 'Schedulable') && status !== 'True',
  );
  if (failed !== undefined) {
    const unusable = `${failed.type} is ${failed.status}: ${failed.message ?? failed.reason ?? ''}`;
    return failed.reason === cordoned ? { unusable, switchedOff: 'cordoned node' } : { unusable };
  }
  return { unusable: (node.status?.diskStatus?.[key]?.diskUUID ?? '') === '' ? 'it has no UUID yet' : undefined };
}
