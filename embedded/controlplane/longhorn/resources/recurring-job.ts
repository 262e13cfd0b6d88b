import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const recurringJob: ResourceData = {
  kind: 'RecurringJob',
  plural: 'recurringjobs',
  shortName: 'lhrj',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      Groups | string | .spec.groups
      Task | string | .spec.task
      Cron | string | .spec.cron
      Retain | integer | .spec.retain
      Concurrency | integer | .spec.concurrency
      Age | date | .metadata.creationTimestamp
      Labels | string | .spec.labels
`,
    },
  ],
  fields: `
spec object
  concurrency integer
  cron string
  groups [string]
  labels {string}
  name string
  parameters {string}
  retain integer
  task string enum=snapshot,snapshot-force-create,snapshot-cleanup,snapshot-delete,backup,backup-force-create,filesystem-trim @..1.8.2
  task string enum=snapshot,snapshot-force-create,snapshot-cleanup,snapshot-delete,backup,backup-force-create,filesystem-trim,system-backup @1.9.0-rc2..
status object
  executionCount integer
  ownerID string
`,
};
