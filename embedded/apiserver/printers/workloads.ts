import type { KubeObject, Payload } from '../store.ts';
import { ageOf, humanDuration } from './age.ts';
import { ageColumn, column, labelsText, listText, nameColumn } from './column.ts';
import type { Column } from './column.ts';

const count = (object: KubeObject, part: 'spec' | 'status', field: string): number =>
  (object[part]?.[field] as number | undefined) ?? 0;
const number = (name: string, part: 'spec' | 'status', field: string): Column =>
  column(name, (object) => count(object, part, field), { type: 'string', field: `${part}.${field}` });

const containersOf = (object: KubeObject): Payload[] => object.spec?.template?.spec?.containers ?? [];
const templateColumns: readonly Column[] = [
  column('Containers', (object) => listText(containersOf(object).map((one) => one.name as string)), {
    wide: true,
    text: 'Names of each container in the template.',
  }),
  column('Images', (object) => listText(containersOf(object).map((one) => one.image as string)), {
    wide: true,
    text: 'Images referenced by each container in the template.',
  }),
];
const selectorColumn = column(
  'Selector',
  (object) => labelsText(object.spec?.selector?.matchLabels as Record<string, string> | undefined),
  { wide: true, field: 'spec.selector' },
);

function jobStatus(job: KubeObject): string {
  const conditions: Payload[] = job.status?.conditions ?? [];
  const has = (type: string): boolean =>
    conditions.some((condition) => condition.type === type && condition.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobDuration(job: KubeObject): string {
  const { startTime, completionTime } = (job.status ?? {}) as { startTime?: string; completionTime?: string };
  if (startTime === undefined) return '';
  if (completionTime === undefined) return ageOf(startTime);
  return humanDuration((Date.parse(completionTime) - Date.parse(startTime)) / 1000);
}

export const workloadColumns: Readonly<Record<string, readonly Column[]>> = {
  'deployments.apps': [
    nameColumn,
    column('Ready', (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`, {
      text: 'Number of the pod with ready state',
    }),
    number('Up-to-date', 'status', 'updatedReplicas'),
    number('Available', 'status', 'availableReplicas'),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  'daemonsets.apps': [
    nameColumn,
    number('Desired', 'status', 'desiredNumberScheduled'),
    number('Current', 'status', 'currentNumberScheduled'),
    number('Ready', 'status', 'numberReady'),
    number('Up-to-date', 'status', 'updatedNumberScheduled'),
    number('Available', 'status', 'numberAvailable'),
    column(
      'Node Selector',
      (object) => labelsText(object.spec?.template?.spec?.nodeSelector as Record<string, string> | undefined),
      { field: 'spec.template.spec.nodeSelector' },
    ),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  'statefulsets.apps': [
    nameColumn,
    column('Ready', (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`, {
      text: 'Number of the pod with ready state',
    }),
    ageColumn,
    ...templateColumns,
  ],
  'replicasets.apps': [
    nameColumn,
    number('Desired', 'spec', 'replicas'),
    number('Current', 'status', 'replicas'),
    number('Ready', 'status', 'readyReplicas'),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  replicationcontrollers: [
    nameColumn,
    number('Desired', 'spec', 'replicas'),
    number('Current', 'status', 'replicas'),
    number('Ready', 'status', 'readyReplicas'),
    ageColumn,
    ...templateColumns,
  ],
  'jobs.batch': [
    nameColumn,
    column('Status', jobStatus, { text: 'Status of the job.' }),
    column(
      'Completions',
      (object) => `${count(object, 'status', 'succeeded')}/${count(object, 'spec', 'completions') || 1}`,
      { field: 'status.succeeded' },
    ),
    column('Duration', jobDuration, { text: 'Time required to complete the job.' }),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  'cronjobs.batch': [
    nameColumn,
    column('Schedule', (object) => object.spec?.schedule as string, { field: 'spec.schedule' }),
    column('Timezone', (object) => (object.spec?.timeZone as string | undefined) ?? '<none>', {
      field: 'spec.timeZone',
    }),
    column('Suspend', (object) => (object.spec?.suspend === true ? 'True' : 'False'), { field: 'spec.suspend' }),
    column('Active', (object) => ((object.status?.active as unknown[] | undefined) ?? []).length, {
      type: 'integer',
      field: 'status.active',
    }),
    column(
      'Last Schedule',
      (object) =>
        object.status?.lastScheduleTime === undefined ? '<none>' : ageOf(object.status.lastScheduleTime as string),
      { field: 'status.lastScheduleTime' },
    ),
    ageColumn,
  ],
};
