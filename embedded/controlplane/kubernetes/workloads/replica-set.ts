import type { ClusterContext, Controller } from '../context.ts';
import type { Pod } from '../objects/pod.ts';
import { isReady } from '../objects/pod.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { controllerKey, createOwnedPod, deleteOwnedPod, isActive, ownedPods, readyCount } from './owned-pods.ts';

const component = 'replicaset-controller';

/** Which pods to give up first: those without a node, then those not ready, then the youngest. */
function byWorth(left: Pod, right: Pod): number {
  const worth = (pod: Pod): number => (pod.spec.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1);
  return worth(left) - worth(right) || Number(right.metadata.resourceVersion) - Number(left.metadata.resourceVersion);
}

/** Keeps as many pods of a template as wanted. */
export function startReplicaSets(context: ClusterContext): Controller {
  const { resources, clock, signal } = context;
  const { replicaSets, pods } = resources;
  const queue = createReconcileQueue({ name: component, clock, signal, reconcile });

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const replicaSet = replicaSets.get(name, namespace);
    if (replicaSet === undefined) {
      return;
    }
    const { replicas: wanted = 1, template } = replicaSet.spec;
    if (replicaSet.metadata.deletionTimestamp === undefined) {
      const active = ownedPods(resources, replicaSet).filter(isActive);
      for (let missing = wanted - active.length; missing > 0; missing -= 1) {
        createOwnedPod(context, { owner: replicaSet, template, name: { generateName: `${name}-` }, component });
      }
      for (const pod of active.sort(byWorth).slice(0, Math.max(0, active.length - wanted))) {
        deleteOwnedPod(context, { owner: replicaSet, pod, component });
      }
    }
    const active = ownedPods(resources, replicaSet).filter(isActive);
    const ready = readyCount(active);
    replicaSets.editStatus(replicaSet, (draft) => {
      draft.status = {
        replicas: active.length,
        fullyLabeledReplicas: active.length,
        ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
        observedGeneration: draft.metadata.generation ?? 1,
      };
    });
  }

  replicaSets.watch(({ object }) => queue.add(keyOf(object)));
  pods.watch(({ object }) => {
    const key = controllerKey(object, 'ReplicaSet');
    if (key !== undefined) {
      queue.add(key);
    }
  });
  replicaSets.list().forEach((replicaSet) => queue.add(keyOf(replicaSet)));
  return { idle: () => queue.idle() };
}
