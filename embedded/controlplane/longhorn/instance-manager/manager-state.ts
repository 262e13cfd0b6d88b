import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { InstanceManager } from '../model/node.ts';

/** Tells of every change of an instance manager's state, and of nothing else that changes in it. */
export function watchManagerStates(cluster: LonghornCluster, onChange: (manager: InstanceManager) => void): void {
  cluster.store.watch(cluster.instanceManagers.resource, ({ object, previous }) => {
    const manager = object as InstanceManager;
    const before = previous as InstanceManager | undefined;
    if (manager.status?.currentState !== before?.status?.currentState) onChange(manager);
  });
}
