import type { NewObject, OwnerReference, Payload } from '../../../apiserver/store.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornNamespace } from '../cluster/names.ts';

export interface PodPlan {
  name: string;
  labels: Record<string, string>;
  container: string;
  image: string;
  nodeName: string;
  owner?: OwnerReference;
  args?: readonly string[];
  privileged?: boolean;
}

/** A pod of Longhorn's own; the kubelet makes it run. */
function podObject(plan: PodPlan): NewObject {
  const container: Payload = {
    name: plan.container,
    image: plan.image,
    imagePullPolicy: 'IfNotPresent',
    ...(plan.args === undefined ? {} : { args: [...plan.args] }),
    ...(plan.privileged === true ? { securityContext: { privileged: true } } : {}),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: plan.name,
      namespace: longhornNamespace,
      labels: plan.labels,
      ...(plan.owner === undefined ? {} : { ownerReferences: [plan.owner] }),
    },
    spec: {
      nodeName: plan.nodeName,
      restartPolicy: plan.owner?.kind === 'DaemonSet' || plan.owner?.kind === 'ReplicaSet' ? 'Always' : 'Never',
      serviceAccountName: 'longhorn-service-account',
      priorityClassName: 'longhorn-critical',
      containers: [container],
    },
  };
}

export function ensurePod(cluster: LonghornCluster, plan: PodPlan): void {
  const existing = cluster.store.get({ resource: 'pods', namespace: longhornNamespace, name: plan.name });
  if (existing === undefined) cluster.store.create('pods', podObject(plan));
}

export function deletePod(cluster: LonghornCluster, name: string): void {
  const ref = { resource: 'pods', namespace: longhornNamespace, name };
  if (cluster.store.get(ref) !== undefined) cluster.store.delete(ref, { gracePeriodSeconds: 0 });
}

/** The pod's address, or its node's while it has none. */
export function podAddress(cluster: LonghornCluster, name: string, nodeName: string): string {
  const pod = cluster.store.get({ resource: 'pods', namespace: longhornNamespace, name });
  const address = (pod?.status as { podIP?: string } | undefined)?.podIP;
  return address ?? cluster.dataPlane.node(nodeName).ip;
}
