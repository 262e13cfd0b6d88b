import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornVersion } from '../../../versions/profile.ts';

/**
 * Names of settings as refusals print them, where they are not the words of the name with capitals.
 * Source: longhorn-manager:types/setting.go@v1.8.0..v1.12.1.
 */
const displayNames: Readonly<Record<string, string>> = {
  'allow-empty-disk-selector-volume': 'Allow Scheduling Empty Disk Selector Volumes To Any Disk',
  'allow-empty-node-selector-volume': 'Allow Scheduling Empty Node Selector Volumes To Any Node',
  'allow-recurring-job-while-volume-detached': 'Allow Recurring Job While Volume Is Detached',
  'allow-volume-creation-with-degraded-availability': 'Allow Volume Creation with Degraded Availability',
  'auto-cleanup-recurring-job-backup-snapshot': 'Automatically Cleanup Recurring Job Backup Snapshot',
  'auto-cleanup-snapshot-after-on-demand-backup-completed':
    'Automatically Cleanup Snapshot After On-Demand Backup Completed',
  'auto-cleanup-system-generated-snapshot': 'Automatically Cleanup System Generated Snapshot',
  'auto-cleanup-when-delete-backup': 'Automatically Cleanup Snapshot When Deleting Backup',
  'auto-delete-pod-when-volume-detached-unexpectedly':
    'Automatically Delete Workload Pod when The Volume Is Detached Unexpectedly',
  'auto-salvage': 'Automatic salvage',
  'backup-concurrent-limit': 'Backup Concurrent Limit Per Backup',
  'blacklist-for-auto-delete-pod-when-volume-detached-unexpectedly':
    'Blacklist for Automatically Delete Workload Pod when The Volume Is Detached Unexpectedly',
  'crd-api-version': 'Custom Resource API Version',
  'create-default-disk-labeled-nodes': 'Create Default Disk on Labeled Nodes',
  'csi-allowed-topology-keys': 'CSI Allowed Topology Keys',
  'csi-storage-capacity-tracking': 'CSI Storage Capacity Tracking',
  'data-engine-cpu-isolation-enabled': 'Enable Host CPU Isolation for Data Engine',
  'data-engine-cpu-mask': 'Data Engine CPU Mask',
  'data-engine-interrupt-mode-enabled': 'Enable Interrupt Mode for Data Engine',
  'data-engine-iobuf-large-pool-size': 'Data Engine iobuf Large Pool Size',
  'data-engine-iobuf-small-pool-size': 'Data Engine iobuf Small Pool Size',
  'data-engine-number-of-cpu-cores': 'Data Engine Number of CPU Cores',
  'default-longhorn-static-storage-class': 'Default Longhorn Static StorageClass Name',
  'default-min-number-of-backing-image-copies': 'Default Minimum Number of BackingImage Copies',
  'endpoint-network-for-rwx-volume': 'Endpoint Network for RWX Volume',
  'failed-backup-ttl': 'Failed Backup Time to Live',
  'guaranteed-instance-manager-cpu': 'Guaranteed Instance Manager CPU',
  'kubernetes-cluster-autoscaler-enabled': 'Kubernetes Cluster Autoscaler Enabled (Experimental)',
  'long-grpc-timeout': 'Long gRPC Timeout',
  'manager-url': 'Manager URL',
  'node-down-pod-deletion-policy': 'Pod Deletion Policy When Node is Down',
  'orphan-resource-auto-deletion': 'Orphan Resource Auto-Deletion',
  'orphan-resource-auto-deletion-grace-period': 'Orphan Resource Auto-Deletion Grace Period',
  'recurring-failed-jobs-history-limit': 'Cronjob Failed Jobs History Limit',
  'recurring-job-max-retention': 'Maximum Retention Number for Recurring Job',
  'recurring-successful-jobs-history-limit': 'Cronjob Successful Jobs History Limit',
  'registry-secret': 'Registry secret',
  'replica-auto-balance-disk-pressure-percentage': 'Replica Auto Balance Disk Pressure Threshold (%)',
  'replica-disk-soft-anti-affinity': 'Replica Disk Level Soft Anti-Affinity',
  'replica-file-sync-http-client-timeout': 'Timeout of HTTP Client to Replica File Sync Server',
  'replica-soft-anti-affinity': 'Replica Node Level Soft Anti-Affinity',
  'replica-zone-soft-anti-affinity': 'Replica Zone Level Soft Anti-Affinity',
  'restore-concurrent-limit': 'Restore Concurrent Limit Per Backup',
  'rwx-volume-fast-failover': 'RWX Volume Fast Failover',
  'snapshot-data-integrity-cronjob': 'Snapshot Data Integrity Check CronJob',
  'snapshot-data-integrity-immediate-check-after-snapshot-creation':
    'Immediate Snapshot Data Integrity Check After Creating a Snapshot',
  'snapshot-max-count': 'Snapshot Maximum Count',
  'storage-network-for-rwx-volume-enabled': 'Storage Network for RWX Volume Enabled',
  'support-bundle-failed-history-limit': 'SupportBundle Failed History Limit',
  'support-bundle-node-collection-timeout': 'Timeout for Support Bundle Node Collection',
  'system-managed-csi-components-resource-limits': 'System Managed CSI Components Resource Limits',
  'system-managed-pods-image-pull-policy': 'System Managed Pod Image Pull Policy',
  'taint-toleration': 'Kubernetes Taint Toleration',
  'upgrade-checker': 'Enable Upgrade Checker',
  'upgrade-responder-url': 'Upgrade Responder URL',
};

/** Only the refusals of 1.10.0 and later print one. */
export function displayNameOf(name: string, version: LonghornVersion): string {
  if (!isInVersionRange(version, '1.10.0..')) return name;
  return (
    displayNames[name] ??
    name.replace(
      /(^|-)([a-z])/g,
      (_match, dash: string, letter: string) => `${dash === '-' ? ' ' : ''}${letter.toUpperCase()}`,
    )
  );
}
