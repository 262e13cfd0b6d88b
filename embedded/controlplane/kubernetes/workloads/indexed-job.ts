/** Jobs whose pods are told apart by a number (kubernetes:pkg/controller/job/indexed_job_utils.go@v1.36.0). */
import type { Pod } from '../objects/pod.ts';
import type { Job, PodTemplate } from '../objects/workload.ts';
import { isActive, type PodCreation } from './owned-pods.ts';

const indexKey = 'batch.kubernetes.io/job-completion-index';
const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
const indexVariable = 'JOB_COMPLETION_INDEX';
/** Of a prefix that the server completes with five more characters (apiserver:pkg/storage/names). */
const longestPrefix = 58;

export interface Indexes {
  readonly succeeded: ReadonlySet<number>;
  /** Given up for good; undefined where the job counts failures of all indexes together. */
  readonly failed: ReadonlySet<number> | undefined;
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === 'Indexed';
}

function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexKey];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** What became of the indexes: what the status says already, for pods may be gone, and what pods say since. */
export function indexesOf(job: Job, pods: readonly Pod[]): Indexes {
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  const all = Array.from({ length: completions }, (_, index) => index);
  const succeeded = parseIntervals(job.status?.completedIndexes);
  const failed = parseIntervals(job.status?.failedIndexes);
  const ended = (index: number, phase: string): number =>
    pods.filter((pod) => indexOf(pod) === index && pod.status?.phase === phase).length;
  return {
    succeeded: new Set(all.filter((index) => succeeded.has(index) || ended(index, 'Succeeded') > 0)),
    failed:
      backoffLimitPerIndex === undefined
        ? undefined
        : new Set(all.filter((index) => failed.has(index) || ended(index, 'Failed') > backoffLimitPerIndex)),
  };
}

/** `0,2-4,6,7`: neighbours joined, from three on with a dash. */
export function intervals(indexes: ReadonlySet<number>): string {
  const runs: { first: number; last: number }[] = [];
  for (const index of [...indexes].sort((left, right) => left - right)) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  }
  return runs
    .map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');
}

function parseIntervals(text: string | undefined): Set<number> {
  const indexes = new Set<number>();
  for (const interval of text?.split(',').filter((part) => part !== '') ?? []) {
    const [first = 0, last = first] = interval.split('-').map(Number);
    for (let index = first; index <= last; index += 1) indexes.add(index);
  }
  return indexes;
}

/** The lowest indexes, so many at most, that no pod is at work on and that are not over. */
export function pendingIndexes(job: Job, pods: readonly Pod[], count: number): number[] {
  const { succeeded, failed } = indexesOf(job, pods);
  const active = new Set(pods.filter(isActive).map(indexOf));
  return Array.from({ length: job.spec.completions ?? 0 }, (_, index) => index)
    .filter((index) => !succeeded.has(index) && failed?.has(index) !== true && !active.has(index))
    .slice(0, count);
}

export function failuresOf(index: number, pods: readonly Pod[]): number {
  return pods.filter((pod) => indexOf(pod) === index && pod.status?.phase === 'Failed').length;
}

/** How the pod of an index differs from one of the template. */
export function indexedPod(
  job: Job,
  index: number,
  failures: number,
): Pick<PodCreation, 'name' | 'labels' | 'annotations' | 'change'> {
  const { name } = job.metadata;
  const suffix = `-${index}-`;
  return {
    name: { generateName: `${name.slice(0, longestPrefix - suffix.length)}${suffix}` },
    labels: { [indexKey]: `${index}` },
    annotations: {
      [indexKey]: `${index}`,
      ...(job.spec.backoffLimitPerIndex === undefined ? {} : { [failureCountKey]: `${failures}` }),
    },
    change: (spec) => {
      spec.hostname = `${name}-${index}`;
      [...(spec.initContainers ?? []), ...spec.containers].forEach(tellIndex);
    },
  };
}

function tellIndex(container: PodTemplate['spec']['containers'][number]): void {
  if (container.env?.some(({ name }) => name === indexVariable) === true) return;
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } };
  container.env = [...(container.env ?? []), { name: indexVariable, valueFrom }];
}
