import { ensureAccount } from './default-accounts.ts';
import type { ClusterStore } from '../store.ts';

/** What every cluster has from the start: the system namespaces, their default service accounts, the API's service. */
export function createDefaultObjects(store: ClusterStore): void {
  for (const name of ['kube-system', 'kube-public', 'kube-node-lease', 'default']) {
    store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    ensureAccount(store, name);
  }
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  store.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
  });
  for (const name of ['controller-manager', 'etcd-0', 'scheduler']) {
    const conditions = [{ type: 'Healthy', status: 'True', message: 'ok' }];
    store.create('componentstatuses', { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions });
  }
  const priority = (name: string, value: number, description: string): void => {
    store.create('priorityclasses.scheduling.k8s.io', {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description,
      preemptionPolicy: 'PreemptLowerPriority',
    });
  };
  priority(
    'system-cluster-critical',
    2000000000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  );
  priority(
    'system-node-critical',
    2000001000,
    'Used for system critical pods that must not be moved from their current node.',
  );
}
