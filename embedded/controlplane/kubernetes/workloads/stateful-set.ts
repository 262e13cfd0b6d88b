import type { ClusterContext, Controller } from '../context.ts';
import { safeHash } from '../identifiers.ts';
import { isReady, isTerminated, type Pod, type PodSpec } from '../objects/pod.ts';
import type { StatefulSet } from '../objects/workload.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { controllerKey, createOwnedPod, deleteOwnedPod, isActive, ownedPods } from './owned-pods.ts';

const component = 'statefulset-controller';
const hashLabel = 'controller-revision-hash';

function ordinalOf(pod: Pod): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1);
}

/** Keeps numbered pods with claims of their own: up in order, down in reverse, replaced from the last. */
export function startStatefulSets(context: ClusterContext): Controller {
  const { resources, clock, signal } = context;
  const { statefulSets, pods, claims } = resources;
  const queue = createReconcileQueue({ name: component, clock, signal, reconcile });

  function createClaims(statefulSet: StatefulSet, podName: string): PodSpec['volumes'] {
    return (statefulSet.spec.volumeClaimTemplates ?? []).map((template) => {
      const claimName = `${template.metadata.name}-${podName}`;
      const { namespace } = statefulSet.metadata;
      if (claims.get(claimName, namespace) === undefined) {
        claims.create({
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            name: claimName,
            ...(namespace === undefined ? {} : { namespace }),
            labels: { ...template.metadata.labels, ...statefulSet.spec.selector.matchLabels },
          },
          spec: structuredClone(template.spec),
        });
      }
      return { name: template.metadata.name, persistentVolumeClaim: { claimName } };
    });
  }

  function createPod(statefulSet: StatefulSet, ordinal: number, hash: string): void {
    const name = `${statefulSet.metadata.name}-${ordinal}`;
    const volumes = createClaims(statefulSet, name) ?? [];
    createOwnedPod(context, {
      owner: statefulSet,
      template: statefulSet.spec.template,
      name: { name },
      component,
      labels: {
        'apps.kubernetes.io/pod-index': String(ordinal),
        'statefulset.kubernetes.io/pod-name': name,
        [hashLabel]: hash,
      },
      change(spec) {
        spec.hostname = name;
        spec.volumes = [...(spec.volumes ?? []), ...volumes];
      },
    });
  }

  /** One step at a time: the next change waits until this one has settled. */
  function step(statefulSet: StatefulSet, hash: string): void {
    const { replicas = 1, podManagementPolicy } = statefulSet.spec;
    const owned = ownedPods(resources, statefulSet);
    const byOrdinal = new Map(owned.map((pod) => [ordinalOf(pod), pod]));
    const parallel = podManagementPolicy === 'Parallel';
    for (const pod of owned) {
      if (isTerminated(pod)) {
        deleteOwnedPod(context, { owner: statefulSet, pod, component });
      }
    }
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      const pod = byOrdinal.get(ordinal);
      if (pod === undefined) {
        createPod(statefulSet, ordinal, hash);
      }
      const settled = pod !== undefined && isActive(pod) && isReady(pod);
      if (!settled && !parallel) {
        return;
      }
    }
    const descending = owned.filter(isActive).sort((left, right) => ordinalOf(right) - ordinalOf(left));
    if (descending.length < owned.length) {
      return;
    }
    const surplus = descending.find((pod) => ordinalOf(pod) >= replicas);
    const outdated = descending.find((pod) => pod.metadata.labels?.[hashLabel] !== hash);
    const victim = surplus ?? (owned.every(isReady) ? outdated : undefined);
    if (victim !== undefined) {
      deleteOwnedPod(context, { owner: statefulSet, pod: victim, component });
    }
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const statefulSet = statefulSets.get(name, namespace);
    if (statefulSet === undefined || statefulSet.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const hash = safeHash(JSON.stringify(statefulSet.spec.template));
    step(statefulSet, hash);
    const active = ownedPods(resources, statefulSet).filter(isActive);
    const ready = active.filter(isReady).length;
    const updated = active.filter((pod) => pod.metadata.labels?.[hashLabel] === hash).length;
    statefulSets.editStatus(statefulSet, (draft) => {
      const updateRevision = `${name}-${hash}`;
      const rolled = updated === active.length;
      draft.status = {
        availableReplicas: ready,
        collisionCount: 0,
        currentReplicas: rolled ? active.length : active.length - updated,
        currentRevision: rolled ? updateRevision : (draft.status?.['currentRevision'] ?? updateRevision),
        observedGeneration: draft.metadata.generation ?? 1,
        readyReplicas: ready,
        replicas: active.length,
        updateRevision,
        updatedReplicas: updated,
      };
    });
  }

  statefulSets.watch(({ object }) => queue.add(keyOf(object)));
  pods.watch(({ object }) => {
    const key = controllerKey(object, 'StatefulSet');
    if (key !== undefined) {
      queue.add(key);
    }
  });
  statefulSets.list().forEach((statefulSet) => queue.add(keyOf(statefulSet)));
  return { idle: () => queue.idle() };
}
