import type { ClusterContext, Controller } from '../context.ts';
import { isReady, type Pod } from '../objects/pod.ts';
import type { Job } from '../objects/workload.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { keyOf, splitKey } from '../resource.ts';
import { failuresOf, indexedPod, indexesOf, intervals, isIndexed, pendingIndexes } from './indexed-job.ts';
import { controllerKey, createOwnedPod, deleteOwnedPod, isActive, ownedPods } from './owned-pods.ts';
import { withCondition } from './workload-condition.ts';

const component = 'job-controller';

interface Counts {
  active: Pod[];
  succeeded: number;
  failed: number;
  /** Failed pods, or restarts when pods restart their containers themselves. */
  failures: number;
}

function countPods(job: Job, pods: readonly Pod[]): Counts {
  const failed = pods.filter((pod) => pod.status?.phase === 'Failed').length;
  const restarts = pods
    .flatMap((pod) => pod.status?.containerStatuses ?? [])
    .reduce((sum, status) => sum + status.restartCount, 0);
  return {
    active: pods.filter(isActive),
    succeeded: isIndexed(job)
      ? indexesOf(job, pods).succeeded.size
      : pods.filter((pod) => pod.status?.phase === 'Succeeded').length,
    failed,
    failures: failed + restarts,
  };
}

function isFinished(job: Job): boolean {
  return (
    job.status?.conditions?.some(
      ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
    ) ?? false
  );
}

/** Runs pods until as many as wanted have succeeded, or too many have failed (kubernetes:pkg/controller/job). */
export function startJobs(context: ClusterContext): Controller {
  const { resources, events, clock, signal } = context;
  const { jobs, pods } = resources;
  const queue = createReconcileQueue({ name: component, clock, signal, reconcile });
  /** When, in wall-clock ms, the next pod may be made after a failure. */
  const backoffs = new Map<string, { failed: number; until: number }>();

  /** The API server's part of creating a job: labels by which its pods are found. */
  function withSelector(job: Job): Job {
    if (job.spec.selector !== undefined) {
      return job;
    }
    const { uid, name } = job.metadata;
    const changed = jobs.edit(job, (draft) => {
      draft.spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
      const { metadata } = draft.spec.template;
      draft.spec.template.metadata = {
        ...metadata,
        labels: {
          ...metadata?.labels,
          'batch.kubernetes.io/controller-uid': uid,
          'batch.kubernetes.io/job-name': name,
          'controller-uid': uid,
          'job-name': name,
        },
      };
    });
    return changed ?? job;
  }

  /** Cluster seconds still to wait after the last failure: 10, 20, 40 … 360. */
  function secondsToWait(key: string, failed: number): number {
    const earlier = backoffs.get(key);
    if (earlier?.failed !== failed) {
      const seconds = failed === 0 ? 0 : Math.min(360, 10 * 2 ** (failed - 1));
      backoffs.set(key, { failed, until: Date.now() + seconds * 1000 * clock.timeScale });
    }
    return Math.max(0, (backoffs.get(key)?.until ?? 0) - Date.now()) / 1000 / clock.timeScale;
  }

  function finish(job: Job, type: 'Complete' | 'Failed', reason: string, message: string): void {
    const criterion = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    jobs.editStatus(job, (draft) => {
      const now = clock.timestamp();
      const first = withCondition(
        draft.status?.conditions ?? [],
        { type: criterion, status: 'True', reason, message, lastProbeTime: now },
        now,
      );
      const conditions = withCondition(first, { type, status: 'True', reason, message, lastProbeTime: now }, now);
      // Jobs' conditions carry no lastUpdateTime.
      draft.status = {
        ...draft.status,
        conditions: conditions.map(({ lastUpdateTime: _, ...condition }) => condition),
        ...(type === 'Complete' ? { completionTime: now } : {}),
      };
    });
    const complete = type === 'Complete';
    events.record({
      object: job,
      component,
      type: complete ? 'Normal' : 'Warning',
      reason: complete ? 'Completed' : reason,
      message: complete ? 'Job completed' : message,
    });
  }

  function publish(job: Job): void {
    const owned = ownedPods(resources, job);
    const { active, succeeded, failed } = countPods(job, owned);
    const indexes = isIndexed(job) ? indexesOf(job, owned) : undefined;
    jobs.editStatus(job, (draft) => {
      const { conditions, completionTime } = draft.status ?? {};
      draft.status = {
        ...(conditions === undefined ? {} : { conditions }),
        ...(completionTime === undefined ? {} : { completionTime }),
        startTime: draft.status?.startTime ?? clock.timestamp(),
        ...(active.length === 0 ? {} : { active: active.length }),
        ...(succeeded === 0 ? {} : { succeeded }),
        ...(failed === 0 ? {} : { failed }),
        ...(indexes === undefined || indexes.succeeded.size === 0
          ? {}
          : { completedIndexes: intervals(indexes.succeeded) }),
        ...(indexes?.failed === undefined ? {} : { failedIndexes: intervals(indexes.failed) }),
        ready: active.filter(isReady).length,
        terminating: 0,
        uncountedTerminatedPods: {},
      };
    });
  }

  function advance(key: string, job: Job): void {
    const { parallelism = 1, backoffLimit = 6, template, suspend = false } = job.spec;
    const completions = job.spec.completions ?? 1;
    const owned = ownedPods(resources, job);
    const counts = countPods(job, owned);
    const end = (): void => counts.active.forEach((pod) => deleteOwnedPod(context, { owner: job, pod, component }));
    if (counts.succeeded >= completions) {
      end();
      finish(job, 'Complete', 'CompletionsReached', 'Reached expected number of succeeded pods');
      return;
    }
    if (counts.failures > backoffLimit) {
      end();
      finish(job, 'Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
      return;
    }
    const failedIndexes = indexesOf(job, owned).failed?.size ?? 0;
    if (failedIndexes > (job.spec.maxFailedIndexes ?? completions)) {
      end();
      finish(
        job,
        'Failed',
        'MaxFailedIndexesExceeded',
        'Job has exceeded the specified maximal number of failed indexes',
      );
      return;
    }
    if (failedIndexes > 0 && failedIndexes + counts.succeeded >= completions) {
      finish(job, 'Failed', 'FailedIndexes', 'Job has failed indexes');
      return;
    }
    const missing = Math.min(parallelism, completions - counts.succeeded) - counts.active.length;
    if (suspend) {
      end();
      return;
    }
    if (isIndexed(job)) {
      addIndexes(key, job, missing);
      return;
    }
    const wait = missing > 0 ? secondsToWait(key, counts.failed) : 0;
    if (wait > 0) {
      queue.addAfter(key, wait);
      return;
    }
    for (let count = 0; count < missing; count += 1) {
      createOwnedPod(context, { owner: job, template, name: { generateName: `${job.metadata.name}-` }, component });
    }
  }

  function addIndexes(key: string, job: Job, missing: number): void {
    const owned = ownedPods(resources, job);
    const { failed } = countPods(job, owned);
    for (const index of pendingIndexes(job, owned, Math.max(0, missing))) {
      const apart = job.spec.backoffLimitPerIndex !== undefined;
      const failures = failuresOf(index, owned);
      const wait = apart ? secondsToWait(`${key}/${index}`, failures) : secondsToWait(key, failed);
      if (wait > 0) {
        queue.addAfter(key, wait);
        continue;
      }
      createOwnedPod(context, {
        owner: job,
        template: job.spec.template,
        ...indexedPod(job, index, failures),
        component,
      });
    }
  }

  function reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const found = jobs.get(name, namespace);
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) {
      backoffs.delete(key);
      return;
    }
    const job = withSelector(found);
    if (isFinished(job)) {
      removeWhenExpired(key, job);
      return;
    }
    // The counts come first, so that nobody sees a finished job without them.
    publish(job);
    advance(key, job);
    publish(job);
    const current = jobs.get(name, namespace);
    if (current !== undefined && isFinished(current)) {
      removeWhenExpired(key, current);
    }
  }

  function removeWhenExpired(key: string, job: Job): void {
    const ttl = job.spec.ttlSecondsAfterFinished;
    const last = job.status?.conditions?.at(-1)?.lastTransitionTime;
    if (ttl === undefined || last === undefined) {
      return;
    }
    const left = ttl - (Date.now() - Date.parse(last)) / 1000 / clock.timeScale;
    if (left > 0) {
      queue.addAfter(key, left);
      return;
    }
    ownedPods(resources, job).forEach((pod) => pods.delete(pod));
    jobs.delete(job);
  }

  jobs.watch(({ object }) => queue.add(keyOf(object)));
  pods.watch(({ object }) => {
    const key = controllerKey(object, 'Job');
    if (key !== undefined) {
      queue.add(key);
    }
  });
  jobs.list().forEach((job) => queue.add(keyOf(job)));
  return { idle: () => queue.idle() };
}
