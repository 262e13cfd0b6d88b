import type { KubeObject } from '../../../apiserver/store.ts';
import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornNamespace } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import { markUnknown } from '../instance/instance-state.ts';
import { isReady } from '../node/node-conditions.ts';
import type { InstanceManager } from '../model/node.ts';
import { ensureInstanceManagerPod } from '../seed/instance-managers.ts';
import { deletePod } from '../workloads/pod.ts';
import { noticeDeadInstances } from './instance-manager-monitor.ts';

/** What a new pod's processes take until they answer, of Longhorn's time. */
const startSeconds = 5;

type ManagerState = NonNullable<InstanceManager['status']>['currentState'];

/** How a pod stands, in the words of the manager's PodReady condition. */
interface PodView {
  readonly state: ManagerState;
  readonly reason: 'PodNotFound' | 'PodDeleting' | 'PodFailed' | 'PodStarting' | 'Running';
  readonly message: string;
}

/**
 * An instance manager is what its pod is: without one, or with one that ends, it is in error, and with it every instance
 * that it ran. It then gets a new pod, unless its node is cordoned. What is on the node's block disks stays.
 * Source: longhorn-manager:controller/instance_manager_controller.go syncStatusWithPod, syncInstanceStatus, handlePod,
 * and instance_handler.go syncStatusWithInstanceManager @v1.11.3.
 */
export function startInstanceManagerPods(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const controller = createController({
    name: 'longhorn-instance-manager',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync: (name) => syncManager(cluster, name),
  });
  cluster.store.watch('pods', ({ object }) => {
    const { name, namespace } = object.metadata;
    if (namespace === longhornNamespace && cluster.instanceManagers.get(name) !== undefined) controller.enqueue(name);
  });
  cluster.store.watch('nodes', ({ object }) => {
    for (const { metadata, spec } of cluster.instanceManagers.list()) {
      if (spec.nodeID === object.metadata.name) controller.enqueue(metadata.name);
    }
  });
  return controller;
}

async function syncManager(cluster: LonghornCluster, name: string): Promise<void> {
  const manager = cluster.instanceManagers.get(name);
  if (manager?.status === undefined) return;
  const view = viewOf(podOf(cluster, name));
  if (isNodeDown(cluster, manager.spec.nodeID)) {
    if (manager.status.currentState !== 'error') loseSight(cluster, manager);
    return;
  }
  const { currentState } = manager.status;
  // Its first pod may still be on its way: a cluster begins with managers that run.
  if (view.reason === 'PodStarting' && currentState === 'running') return;
  if (view.state === 'error') {
    await lose(cluster, manager, view);
    return;
  }
  if (view.state === currentState) return;
  setState(cluster, name, { ...view, state: 'starting' });
  if (view.state !== 'running') return;
  await cluster.clock.sleep(startSeconds, cluster.signal);
  const now = viewOf(podOf(cluster, name));
  if (now.state === 'running') setState(cluster, name, now);
}

/** Source: instance_manager_controller.go syncStatusWithNode, instance_handler.go syncStatusWithInstanceManager @v1.11.3. */
function loseSight(cluster: LonghornCluster, manager: InstanceManager): void {
  const { name } = manager.metadata;
  if (manager.status?.currentState === 'unknown') return;
  cluster.instanceManagers.changeStatus(name, ({ status }) => {
    if (status !== undefined) status.currentState = 'unknown';
  });
  for (const table of [cluster.engines, cluster.replicas] as const) {
    for (const { metadata, status } of table.list()) {
      if (status?.instanceManagerName !== name || !status.started) continue;
      table.changeStatus(metadata.name, (draft) => {
        if (draft.status !== undefined) markUnknown(draft.status);
      });
    }
  }
}

function isNodeDown(cluster: LonghornCluster, node: string): boolean {
  return !isReady(cluster.store.get({ resource: 'nodes', name: node }));
}

async function lose(cluster: LonghornCluster, manager: InstanceManager, view: PodView): Promise<void> {
  const { name } = manager.metadata;
  if (manager.status?.currentState !== 'error') {
    setState(cluster, name, view);
    if (manager.spec.dataEngine === 'v2') {
      const node = cluster.dataPlane.node(manager.spec.nodeID);
      await node.crash();
      noticeDeadInstances(cluster, node);
    }
  }
  if (view.reason === 'PodFailed') deletePod(cluster, name);
  if (podOf(cluster, name) === undefined && !isCordoned(cluster, manager.spec.nodeID)) {
    ensureInstanceManagerPod(cluster, manager);
  }
}

function podOf(cluster: LonghornCluster, name: string): KubeObject | undefined {
  return cluster.store.get({ resource: 'pods', namespace: longhornNamespace, name });
}

function viewOf(pod: KubeObject | undefined): PodView {
  if (pod === undefined) return { state: 'error', reason: 'PodNotFound', message: '' };
  if (pod.metadata.deletionTimestamp !== undefined) return { state: 'error', reason: 'PodDeleting', message: '' };
  const status = pod.status as { phase?: string; containerStatuses?: readonly { ready: boolean }[] } | undefined;
  const phase = status?.phase ?? 'Pending';
  const ready = status?.containerStatuses?.every((container) => container.ready) ?? false;
  if (phase === 'Running' && ready) return { state: 'running', reason: 'Running', message: '' };
  if (phase === 'Running' || phase === 'Pending') return { state: 'starting', reason: 'PodStarting', message: '' };
  return { state: 'error', reason: 'PodFailed', message: `Instance manager pod is in phase ${phase}` };
}

function isCordoned(cluster: LonghornCluster, node: string): boolean {
  const spec = cluster.store.get({ resource: 'nodes', name: node })?.spec as { unschedulable?: boolean } | undefined;
  return spec?.unschedulable === true;
}

/** Instances of a manager that does not run are not listed: they would be stale. */
function setState(cluster: LonghornCluster, name: string, { state, reason, message }: PodView): void {
  cluster.instanceManagers.changeStatus(name, ({ status }) => {
    if (status === undefined) return;
    status.currentState = state;
    status.conditions = withCondition(status.conditions, {
      type: 'PodReady',
      status: state === 'running' ? 'True' : 'False',
      reason,
      message,
      now: cluster.clock.timestamp(),
    });
    if (state === 'running') return;
    delete status.instanceEngines;
    delete status.instanceEngineFrontends;
    delete status.instanceReplicas;
    status.backingImages = null;
  });
}
