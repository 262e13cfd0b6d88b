import type { ClusterContext, Controller } from '../context.ts';
import { safeHash } from '../identifiers.ts';
import type { Deployment, ReplicaSet } from '../objects/workload.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { controllerKey, controllerReference, isActive, isControlledBy, ownedPods } from './owned-pods.ts';
import { withCondition } from './workload-condition.ts';

const component = 'deployment-controller';
const revisionAnnotation = 'deployment.kubernetes.io/revision';
const hashLabel = 'pod-template-hash';

function share(value: number | string | undefined, total: number, round: (value: number) => number): number {
  const given = value ?? '25%';
  return typeof given === 'number' ? given : round((Number.parseFloat(given) / 100) * total);
}

function wantedOf(replicaSet: ReplicaSet): number {
  return replicaSet.spec.replicas ?? 1;
}

function available(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
}

/** Rolls a deployment's template out through ReplicaSets (kubernetes:pkg/controller/deployment). */
export function startDeployments(context: ClusterContext): Controller {
  const { resources, events, clock, signal } = context;
  const { deployments, replicaSets } = resources;
  const queue = createReconcileQueue({ name: component, clock, signal, reconcile });

  function owned(deployment: Deployment): ReplicaSet[] {
    const { namespace } = deployment.metadata;
    return replicaSets
      .list(namespace === undefined ? {} : { namespace })
      .filter((replicaSet) => isControlledBy(replicaSet, deployment));
  }

  function revisionOf(replicaSet: ReplicaSet): number {
    return Number(replicaSet.metadata.annotations?.[revisionAnnotation] ?? 0);
  }

  /** The ReplicaSet of the current template, made when the template is new. */
  function currentReplicaSet(deployment: Deployment): ReplicaSet {
    const { template, selector } = deployment.spec;
    const { name, namespace } = deployment.metadata;
    const hash = safeHash(JSON.stringify(template));
    const revision = Math.max(0, ...owned(deployment).map(revisionOf)) + 1;
    const found = replicaSets.get(`${name}-${hash}`, namespace);
    const labels = { ...template.metadata?.labels, [hashLabel]: hash };
    const current =
      found ??
      replicaSets.create({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: `${name}-${hash}`,
          ...(namespace === undefined ? {} : { namespace }),
          labels,
          annotations: { [revisionAnnotation]: String(revision) },
          ownerReferences: [controllerReference(deployment)],
        },
        spec: {
          replicas: 0,
          selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
          template: { ...template, metadata: { ...template.metadata, labels } },
        },
      });
    const newest = owned(deployment).every(
      (other) => other.metadata.uid === current.metadata.uid || revisionOf(other) < revisionOf(current),
    );
    const marked = newest
      ? current
      : replicaSets.edit(current, (draft) => {
          draft.metadata.annotations = { ...draft.metadata.annotations, [revisionAnnotation]: String(revision) };
        });
    deployments.edit(deployment, (draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [revisionAnnotation]: String(revisionOf(marked ?? current)),
      };
    });
    return marked ?? current;
  }

  function scale(deployment: Deployment, replicaSet: ReplicaSet, replicas: number): void {
    const before = wantedOf(replicaSet);
    if (before === replicas) {
      return;
    }
    replicaSets.edit(replicaSet, (draft) => {
      draft.spec.replicas = replicas;
    });
    const message = `Scaled ${replicas > before ? 'up' : 'down'} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`;
    events.record({ object: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message, component });
  }

  function roll(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): void {
    const { replicas = 1, strategy } = deployment.spec;
    if (strategy?.type === 'Recreate') {
      old.forEach((replicaSet) => scale(deployment, replicaSet, 0));
      if (old.every((replicaSet) => ownedPods(resources, replicaSet).length === 0)) {
        scale(deployment, current, replicas);
      }
      return;
    }
    const unavailableShare = share(strategy?.rollingUpdate?.maxUnavailable, replicas, Math.floor);
    const surgeShare = share(strategy?.rollingUpdate?.maxSurge, replicas, Math.ceil);
    // Both zero would never get anywhere.
    const maxUnavailable = surgeShare === 0 && unavailableShare === 0 ? 1 : unavailableShare;
    const oldTotal = old.reduce((sum, replicaSet) => sum + wantedOf(replicaSet), 0);
    const room = Math.max(0, replicas + surgeShare - oldTotal);
    const target = wantedOf(current) > replicas ? replicas : Math.max(wantedOf(current), Math.min(replicas, room));
    scale(deployment, current, target);
    let spare = Math.max(0, available([current, ...old]) - (replicas - maxUnavailable));
    for (const replicaSet of old) {
      const broken = Math.max(0, wantedOf(replicaSet) - (replicaSet.status?.availableReplicas ?? 0));
      const healthy = Math.min(wantedOf(replicaSet) - broken, spare);
      spare -= healthy;
      scale(deployment, replicaSet, wantedOf(replicaSet) - broken - healthy);
    }
  }

  function publish(deployment: Deployment, current: ReplicaSet, all: readonly ReplicaSet[]): void {
    const { replicas: wanted = 1 } = deployment.spec;
    const total = all.reduce((sum, replicaSet) => sum + ownedPods(resources, replicaSet).filter(isActive).length, 0);
    const updated = ownedPods(resources, current).filter(isActive).length;
    const ready = available(all);
    const complete = updated === wanted && total === wanted && ready === wanted;
    const name = `ReplicaSet "${current.metadata.name}"`;
    const enough = ready >= wanted - share(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, wanted, Math.floor);
    deployments.editStatus(deployment, (draft) => {
      const now = clock.timestamp();
      const progressing = withCondition(
        draft.status?.conditions ?? [],
        complete
          ? {
              type: 'Progressing',
              status: 'True',
              reason: 'NewReplicaSetAvailable',
              message: `${name} has successfully progressed.`,
            }
          : { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${name} is progressing.` },
        now,
      );
      const conditions = withCondition(
        progressing,
        enough
          ? {
              type: 'Available',
              status: 'True',
              reason: 'MinimumReplicasAvailable',
              message: 'Deployment has minimum availability.',
            }
          : {
              type: 'Available',
              status: 'False',
              reason: 'MinimumReplicasUnavailable',
              message: 'Deployment does not have minimum availability.',
            },
        now,
      );
      draft.status = {
        observedGeneration: draft.metadata.generation ?? 1,
        ...(total === 0 ? {} : { replicas: total }),
        ...(updated === 0 ? {} : { updatedReplicas: updated }),
        ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
        ...(wanted > ready ? { unavailableReplicas: wanted - ready } : {}),
        conditions,
      };
    });
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const deployment = deployments.get(name, namespace);
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const current = currentReplicaSet(deployment);
    const old = owned(deployment).filter(({ metadata }) => metadata.uid !== current.metadata.uid);
    roll(deployment, current, old);
    publish(deployment, current, owned(deployment));
  }

  deployments.watch(({ object }) => queue.add(keyOf(object)));
  replicaSets.watch(({ object }) => {
    const key = controllerKey(object, 'Deployment');
    if (key !== undefined) {
      queue.add(key);
    }
  });
  deployments.list().forEach((deployment) => queue.add(keyOf(deployment)));
  return { idle: () => queue.idle() };
}
