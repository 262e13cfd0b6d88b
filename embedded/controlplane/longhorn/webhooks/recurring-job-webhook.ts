import type { KubeObject } from '../../../apiserver/store.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { cronFault } from './cron.ts';
import { invalid } from './denial.ts';
import type { Webhook } from './webhook.ts';

interface RecurringJobSpec {
  name: string;
  groups: string[];
  task: string;
  cron: string;
  retain: number;
  concurrency: number;
  labels: Record<string, string>;
  parameters: Record<string, string>;
}

interface RecurringJob extends KubeObject {
  spec: RecurringJobSpec;
}

const longestName = 40;
const defaultConcurrency = 10;
const backupPolicies = ['always', 'if-not-present', 'disabled'];

/** Source: longhorn-manager:webhook/resources/recurringjob, datastore/longhorn.go ValidateRecurringJob@v1.11.3. */
export const recurringJobWebhook: Webhook<RecurringJob> = {
  mutateCreate: (_cluster, job) => {
    complete(job);
  },
  mutateUpdate: (_cluster, job) => {
    complete(job);
  },
  validateCreate(cluster, job) {
    if (!/^[a-z0-9][a-z0-9_.-]+$/.test(job.metadata.name)) throw invalid(`invalid name ${job.metadata.name}`);
    validate(cluster, job.spec);
  },
  validateUpdate(cluster, job) {
    validate(cluster, job.spec);
  },
};

function complete(job: RecurringJob): void {
  job.spec = (job.spec) ?? ({} as RecurringJobSpec);
  const spec: Partial<RecurringJobSpec> = job.spec;
  if ((spec.name ?? '') === '') spec.name = job.metadata.name;
  spec.groups ??= [];
  spec.labels ??= {};
  spec.parameters ??= {};
  if ((spec.concurrency ?? 0) === 0) spec.concurrency = defaultConcurrency;
  const retain = spec.retain ?? 0;
  if (spec.task === 'snapshot-cleanup' || spec.task === 'filesystem-trim') spec.retain = 0;
  else spec.retain = Math.max(retain, spec.task === 'snapshot-delete' ? 0 : 1);
}

function validate(cluster: LonghornCluster, spec: RecurringJobSpec): void {
  const most = cluster.settings.number('recurring-job-max-retention');
  if (spec.retain > most) throw invalid(`retain value should be less than or equal to ${String(most)}`);
  const { cron = '', task = '' } = spec as Partial<RecurringJobSpec>;
  if (cron === '' || task === '') {
    // Go prints a struct with its field names.
    const list = `[${spec.groups.join(' ')}]`;
    throw invalid(
      `invalid job {Name:${spec.name} Groups:${list} Task:${task} Cron:${cron} Retain:${String(spec.retain)} Concurrency:${String(spec.concurrency)} Labels:map[] Parameters:map[]}`,
    );
  }
  const fault = cronFault(cron);
  if (fault !== undefined) throw invalid(`invalid cron format(${cron}): ${fault}`);
  if (spec.name.length > longestName) throw invalid(`job name ${spec.name} must be ${String(longestName)} characters or less`);
  for (const group of spec.groups) {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(group)) throw invalid(`invalid group name ${group}`);
  }
  if (task === 'backup' || task === 'backup-force-create') validateParameters(spec.parameters);
}

function validateParameters(parameters: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(parameters)) {
    const why = parameterFault(key, value);
    if (why !== undefined) throw invalid(`failed to validate recurring job backup task parameters: ${key}:${value} ${why}`);
  }
}

function parameterFault(key: string, value: string): string | undefined {
  if (key === 'full-backup-interval') {
    return /^[+-]?\d+$/.test(value) ? undefined : `is not number: strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`;
  }
  if (key === 'volume-backup-policy') {
    return backupPolicies.includes(value) ? undefined : `is not a valid value: supported values: [${backupPolicies.join(' ')}]`;
  }
  return 'is not a valid parameter';
}
