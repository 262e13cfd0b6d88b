import type { ClusterContext, Controller } from '../context.ts';
import { claimNames, isTerminated } from '../objects/pod.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { claimProtection, hasFinalizer, removeFinalizer } from './finalizers.ts';

/** Lets a deleted claim go only when no pod uses it any more (kubernetes:pkg/controller/volume/pvcprotection). */
export function startClaimProtection(context: ClusterContext): Controller {
  const { resources, clock, signal } = context;
  const { claims, pods } = resources;
  const queue = createReconcileQueue({ name: 'pvc-protection-controller', clock, signal, reconcile });

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const claim = claims.get(name, namespace);
    if (claim?.metadata.deletionTimestamp === undefined || !hasFinalizer(claim, claimProtection)) {
      return;
    }
    const used = pods
      .list(namespace === undefined ? {} : { namespace })
      .some((pod) => !isTerminated(pod) && pod.spec.nodeName !== undefined && claimNames(pod).includes(name));
    if (!used) {
      claims.edit(claim, (draft) => {
        removeFinalizer(draft, claimProtection);
      });
    }
  }

  claims.watch(({ object }) => queue.add(keyOf(object)));
  pods.watch(({ object }) => {
    for (const name of claimNames(object)) {
      queue.add(`${object.metadata.namespace}/${name}`);
    }
  });
  return { idle: () => queue.idle() };
}
