import { qualifiedNameComplaints } from '../../../apiserver/validation/names.ts';
import type { KubeObject } from '../../../apiserver/store.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { cronFault } from './cron.ts';
import { invalid } from './denial.ts';
import { parseInteger, printedMap } from './go-words.ts';
import { checkName, correctName, longestName } from './name-rule.ts';
import type { Webhook } from './webhook.ts';

interface RecurringJobSpec {
  name: string;
  groups: string[];
  task: string;
  cron: string;
  retain: number;
  concurrency?: number;
  labels: Record<string, string>;
  parameters: Record<string, string>;
}

interface RecurringJob extends KubeObject {
  spec: RecurringJobSpec;
}

const defaultConcurrency = 10;
const backupPolicies = ['always', 'if-not-present', 'disabled'];
const reservedLabels = ['KubernetesStatus', 'ranchervm-base-image'];

/** Source: longhorn-manager:webhook/resources/recurringjob, datastore/longhorn.go ValidateRecurringJob@v1.8.0..v1.12.1. */
export const recurringJobWebhook: Webhook<RecurringJob> = {
  mutateCreate(cluster, job) {
    const given = job.metadata.name;
    correctName(job);
    complete(cluster, job, isInVersionRange(cluster.profile.version, '1.9.0-rc2..') ? given : '');
  },
  mutateUpdate(cluster, job) {
    complete(cluster, job, job.metadata.name);
  },
  validateCreate(cluster, job) {
    checkName(job.metadata.name);
    validate(cluster, job.spec);
  },
  validateUpdate(cluster, job) {
    validate(cluster, job.spec);
  },
};

function complete({ profile }: LonghornCluster, job: RecurringJob, name: string): void {
  const spec: Partial<RecurringJobSpec> = (job.spec ??= {} as RecurringJobSpec);
  if ((spec.name ?? '') === '' && name !== '') spec.name = name;
  spec.groups ??= [];
  spec.labels ??= {};
  spec.parameters ??= {};
  // 1.12.0 came without it.
  const completes =
    isInVersionRange(profile.version, '1.11.3..1.11.3') || isInVersionRange(profile.version, '1.12.1..');
  if (completes && (spec.concurrency ?? 0) === 0) spec.concurrency = defaultConcurrency;
  const retain = spec.retain ?? 0;
  if (spec.task === 'snapshot-cleanup' || spec.task === 'filesystem-trim') {
    if (retain !== 0) spec.retain = 0;
  } else if (spec.task === 'snapshot-delete') {
    if (retain < 0) spec.retain = 0;
  } else if (retain < 1) {
    spec.retain = 1;
  }
}

function validate(cluster: LonghornCluster, spec: RecurringJobSpec): void {
  const most = cluster.settings.number('recurring-job-max-retention');
  if (((spec.retain as number | undefined) ?? 0) > most)
    throw invalid(`retain value should be less than or equal to ${String(most)}`);
  const { name = '', cron = '', task = '' } = spec as Partial<RecurringJobSpec>;
  if (cron === '' || task === '' || name === '') throw invalid(`invalid job ${printed(spec)}`);
  const fault = cronFault(cron);
  if (fault !== undefined) throw invalid(`invalid cron format(${cron}): ${fault}`);
  if (name.length > longestName) throw invalid(`job name ${name} must be ${String(longestName)} characters or less`);
  for (const group of spec.groups) {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(group)) throw invalid(`invalid group name ${group}`);
  }
  validateLabels(spec.labels);
  if (task === 'backup' || task === 'backup-force-create') validateParameters(cluster, spec.parameters);
}

/** As Go prints a struct with its field names. */
function printed(spec: Partial<RecurringJobSpec>): string {
  const {
    name = '',
    groups = [],
    task = '',
    cron = '',
    retain = 0,
    concurrency = 0,
    labels = {},
    parameters = {},
  } = spec;
  const fields = `Name:${name} Groups:[${groups.join(' ')}] Task:${task} Cron:${cron} Retain:${String(retain)} Concurrency:${String(concurrency)}`;
  return `{${fields} Labels:${printedMap(labels)} Parameters:${printedMap(parameters)}}`;
}

/** Source: longhorn-manager:util/util.go ValidateSnapshotLabels@v1.12.1. */
function validateLabels(labels: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(labels)) {
    const [complaint] = qualifiedNameComplaints(key);
    if (complaint !== undefined)
      throw invalid(`at least one error encountered while validating backup label with key ${key}: ${complaint}`);
    if (value === '') throw invalid(`value for label with key ${key} cannot be empty`);
  }
  const reserved = reservedLabels.find((key) => labels[key] !== undefined);
  if (reserved !== undefined) throw invalid(`specified snapshot backup labels contain reserved keyword ${reserved}`);
}

function validateParameters(cluster: LonghornCluster, parameters: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(parameters)) {
    const why = parameterFault(cluster, key, value);
    if (why !== undefined)
      throw invalid(`failed to validate recurring job backup task parameters: ${key}:${value} ${why}`);
  }
}

function parameterFault({ profile }: LonghornCluster, key: string, value: string): string | undefined {
  if (key === 'full-backup-interval') {
    const read = parseInteger(value, 'Atoi');
    return 'fault' in read ? `is not number: ${read.fault}` : undefined;
  }
  if (key === 'volume-backup-policy' && isInVersionRange(profile.version, '1.9.0-rc2..')) {
    return backupPolicies.includes(value)
      ? undefined
      : `is not a valid value: supported values: [${backupPolicies.join(' ')}]`;
  }
  return 'is not a valid parameter';
}
