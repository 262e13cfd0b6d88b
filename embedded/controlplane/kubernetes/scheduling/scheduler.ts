import type { ClusterContext, Controller } from '../context.ts';
import type { Node } from '../objects/node.ts';
import { isTerminated, type Pod } from '../objects/pod.ts';
import { setPodCondition } from '../objects/pod-condition.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../objects/storage.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { misfit, nodeSelectorMatches } from './node-fit.ts';
import { volumeReadiness } from './volume-readiness.ts';

const selectedNode = 'volume.kubernetes.io/selected-node';

function waits(pod: Pod | undefined): pod is Pod {
  return (
    pod !== undefined &&
    pod.spec.nodeName === undefined &&
    pod.metadata.deletionTimestamp === undefined &&
    (pod.spec.schedulerName ?? 'default-scheduler') === 'default-scheduler' &&
    !isTerminated(pod)
  );
}

/** `0/3 nodes are available: 1 node(s) were unschedulable, 2 …. preemption: …`, as kube-scheduler counts reasons. */
function unavailable(nodeCount: number, reasons: ReadonlyMap<string, number> | string): string {
  const why =
    typeof reasons === 'string'
      ? reasons
      : [...reasons]
          .map(([reason, count]) => `${count} ${reason}`)
          .sort()
          .join(', ');
  const detail =
    nodeCount === 0 ? 'no nodes available to schedule pods' : `0/${nodeCount} nodes are available: ${why}.`;
  return nodeCount === 0
    ? detail
    : `${detail} preemption: 0/${nodeCount} nodes are available: ${nodeCount} Preemption is not helpful for scheduling.`;
}

/** Binds pods to nodes: the fitting node with the fewest pods, the first by name among equals. */
export function startScheduler(context: ClusterContext): Controller {
  const { resources, events, clock, signal } = context;
  const { pods, nodes, claims } = resources;
  const queue = createReconcileQueue({ name: 'default-scheduler', clock, signal, reconcile });

  function reject(pod: Pod, message: string): void {
    pods.editStatus(pod, (draft) => {
      draft.status = { phase: 'Pending', ...draft.status };
      setPodCondition(draft, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }, clock);
    });
    events.record({
      object: pod,
      type: 'Warning',
      reason: 'FailedScheduling',
      message,
      component: 'default-scheduler',
      action: 'Scheduling',
    });
  }

  function bind(pod: Pod, node: Node): void {
    const bound = pods.edit(pod, (draft) => {
      draft.spec.nodeName = node.metadata.name;
    });
    if (bound === undefined) {
      return;
    }
    pods.editStatus(bound, (draft) => {
      draft.status = { phase: 'Pending', ...draft.status };
      setPodCondition(draft, { type: 'PodScheduled', status: 'True' }, clock);
    });
    events.record({
      object: pod,
      type: 'Normal',
      reason: 'Scheduled',
      component: 'default-scheduler',
      action: 'Binding',
      message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node.metadata.name}`,
    });
  }

  function chooseNode(pod: Pod, volumes: readonly PersistentVolume[]): Node | Map<string, number> {
    const reasons = new Map<string, number>();
    const fitting: Node[] = [];
    for (const node of nodes.list()) {
      const affinity = volumes.every((volume) => {
        const required = volume.spec.nodeAffinity?.required;
        return required === undefined || nodeSelectorMatches(required, node);
      });
      const reason =
        misfit(pod, node) ?? (affinity ? undefined : "node(s) didn't match PersistentVolume's node affinity");
      if (reason === undefined) {
        fitting.push(node);
      } else {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    const load = new Map(fitting.map((node) => [node.metadata.name, 0]));
    for (const other of pods.list()) {
      const count = load.get(other.spec.nodeName ?? '');
      if (count !== undefined && !isTerminated(other)) {
        load.set(other.spec.nodeName ?? '', count + 1);
      }
    }
    const order = fitting.sort(
      (left, right) =>
        (load.get(left.metadata.name) ?? 0) - (load.get(right.metadata.name) ?? 0) ||
        left.metadata.name.localeCompare(right.metadata.name),
    );
    return order[0] ?? reasons;
  }

  /** True once every claim that waited for a node is bound to a volume for it. */
  function selectNodeFor(waiting: readonly PersistentVolumeClaim[], node: Node): boolean {
    for (const claim of waiting) {
      if (claim.metadata.annotations?.[selectedNode] === undefined) {
        claims.edit(claim, (draft) => {
          draft.metadata.annotations = { ...draft.metadata.annotations, [selectedNode]: node.metadata.name };
        });
      }
    }
    return waiting.length === 0;
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = pods.get(name, namespace);
    if (!waits(pod)) {
      return;
    }
    const nodeCount = nodes.list().length;
    const readiness = volumeReadiness(context, pod);
    if (readiness.kind === 'blocked') {
      reject(pod, unavailable(nodeCount, readiness.message));
      return;
    }
    const chosen = chooseNode(pod, readiness.volumes);
    if (chosen instanceof Map) {
      reject(pod, unavailable(nodeCount, chosen));
      return;
    }
    const earlier = readiness.waitingForNode
      .map((claim) => nodes.get(claim.metadata.annotations?.[selectedNode] ?? ''))
      .find((node) => node !== undefined);
    if (selectNodeFor(readiness.waitingForNode, earlier ?? chosen)) {
      bind(pod, selectedByClaims(pod) ?? chosen);
    }
  }

  function selectedByClaims(pod: Pod): Node | undefined {
    for (const volume of pod.spec.volumes ?? []) {
      const claim = claims.get(volume.persistentVolumeClaim?.claimName ?? '', pod.metadata.namespace);
      const node = nodes.get(claim?.metadata.annotations?.[selectedNode] ?? '');
      if (node !== undefined && misfit(pod, node) === undefined) {
        return node;
      }
    }
    return undefined;
  }

  function addAllWaiting(): void {
    for (const pod of pods.list()) {
      if (waits(pod)) {
        queue.add(keyOf(pod));
      }
    }
  }

  pods.watch(({ object }) => {
    if (waits(object)) {
      queue.add(keyOf(object));
    }
  });
  for (const dependency of [claims, nodes, resources.storageClasses]) {
    dependency.watch(addAllWaiting);
  }
  addAllWaiting();
  return { idle: () => queue.idle() };
}
