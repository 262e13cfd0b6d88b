import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { withCondition } from '../model/condition.ts';
import type { Condition } from '../model/condition.ts';
import type { Node } from '../model/node.ts';

interface KubernetesNode {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/**
 * A Longhorn node is ready while its Kubernetes node is, and takes replicas unless that is cordoned.
 * Source: longhorn-manager:controller/node_controller.go syncNode, enqueueKubernetesNode @v1.11.3.
 */
export function nodeConditions(cluster: LonghornCluster, node: Node): Condition[] {
  const { name } = node.metadata;
  const now = cluster.clock.timestamp();
  const found = cluster.store.get({ resource: 'nodes', name }) as KubernetesNode | undefined;
  const before = node.status?.conditions ?? [];
  const ready = isReady(found)
    ? ({ status: 'True', reason: '', message: `Node ${name} is ready` } as const)
    : ({
        status: 'False',
        reason: 'KubernetesNodeNotReady',
        message: `Kubernetes node ${name} not ready: NodeStatusUnknown`,
      } as const);
  const cordoned = found?.spec?.unschedulable === true && cluster.settings.flag('disable-scheduling-on-cordoned-node');
  const schedulable = cordoned
    ? ({ status: 'False', reason: 'KubernetesNodeCordoned', message: `Node ${name} is cordoned` } as const)
    : ({ status: 'True', reason: '', message: '' } as const);
  return withCondition(withCondition(before, { type: 'Ready', now, ...ready }), {
    type: 'Schedulable',
    now,
    ...schedulable,
  });
}

/** A node without conditions is one that no kubelet has spoken for yet. */
export function isReady(object: object | undefined): boolean {
  const node = object as KubernetesNode | undefined;
  return (node?.status?.conditions ?? []).every(({ type, status }) => type !== 'Ready' || status === 'True');
}
