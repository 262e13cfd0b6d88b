import type { ClusterContext, Controller } from '../context.ts';
import { safeHash } from '../identifiers.ts';
import { isReady, type Pod, type PodSpec } from '../objects/pod.ts';
import type { DaemonSet } from '../objects/workload.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { misfit } from '../scheduling/node-fit.ts';
import { controllerKey, createOwnedPod, deleteOwnedPod, isActive, ownedPods } from './owned-pods.ts';

const component = 'daemonset-controller';
const hashLabel = 'controller-revision-hash';

/** Ties a pod to one node, cordoned or not, and leaves the binding to the scheduler. */
function pinTo(spec: PodSpec, nodeName: string): void {
  spec.affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
      },
    },
  };
  spec.tolerations = [
    ...(spec.tolerations ?? []),
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
  ];
}

function nodeOf(pod: Pod): string | undefined {
  const affinity = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return pod.spec.nodeName ?? affinity?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0];
}

/** Keeps one pod of a template on every node that fits; a new template replaces them one after the other. */
export function startDaemonSets(context: ClusterContext): Controller {
  const { resources, clock, signal } = context;
  const { daemonSets, pods, nodes } = resources;
  const queue = createReconcileQueue({ name: component, clock, signal, reconcile });

  function place(daemonSet: DaemonSet, hash: string, wanted: readonly string[]): void {
    const { template } = daemonSet.spec;
    const present = ownedPods(resources, daemonSet);
    for (const nodeName of wanted) {
      if (!present.some((pod) => nodeOf(pod) === nodeName && isActive(pod))) {
        createOwnedPod(context, {
          owner: daemonSet,
          template,
          component,
          name: { generateName: `${daemonSet.metadata.name}-` },
          labels: { [hashLabel]: hash },
          change: (spec) => pinTo(spec, nodeName),
        });
      }
    }
    const active = present.filter(isActive);
    const extra = active.filter((pod) => !wanted.includes(nodeOf(pod) ?? ''));
    const outdated = active.filter((pod) => pod.metadata.labels?.[hashLabel] !== hash);
    const calm = active.length === wanted.length && active.every(isReady);
    const next = outdated.find((pod) => !isReady(pod)) ?? (calm ? outdated[0] : undefined);
    for (const pod of [...extra, ...(next === undefined ? [] : [next])]) {
      deleteOwnedPod(context, { owner: daemonSet, pod, component });
    }
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const daemonSet = daemonSets.get(name, namespace);
    if (daemonSet === undefined || daemonSet.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const { template } = daemonSet.spec;
    const hash = safeHash(JSON.stringify(template));
    const probe = { spec: { ...template.spec, tolerations: [{ key: 'node.kubernetes.io/unschedulable' }] } } as Pod;
    const wanted = nodes
      .list()
      .filter((node) => misfit(probe, node) === undefined)
      .map(({ metadata }) => metadata.name);
    place(daemonSet, hash, wanted);
    const active = ownedPods(resources, daemonSet).filter(isActive);
    const ready = active.filter(isReady).length;
    daemonSets.editStatus(daemonSet, (draft) => {
      draft.status = {
        currentNumberScheduled: active.length,
        desiredNumberScheduled: wanted.length,
        numberMisscheduled: 0,
        numberReady: ready,
        ...(ready === 0 ? {} : { numberAvailable: ready }),
        ...(ready === wanted.length ? {} : { numberUnavailable: wanted.length - ready }),
        updatedNumberScheduled: active.filter((pod) => pod.metadata.labels?.[hashLabel] === hash).length,
        observedGeneration: draft.metadata.generation ?? 1,
      };
    });
  }

  const addAll = (): void => daemonSets.list().forEach((daemonSet) => queue.add(keyOf(daemonSet)));
  daemonSets.watch(({ object }) => queue.add(keyOf(object)));
  nodes.watch(({ type, object, previous }) => {
    if (type !== 'MODIFIED' || JSON.stringify(object.metadata.labels) !== JSON.stringify(previous?.metadata.labels)) {
      addAll();
    }
  });
  pods.watch(({ object }) => {
    const key = controllerKey(object, 'DaemonSet');
    if (key !== undefined) {
      queue.add(key);
    }
  });
  addAll();
  return { idle: () => queue.idle() };
}
