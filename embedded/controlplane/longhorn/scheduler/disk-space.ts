import type { Disk } from '../node/disks.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Whether a replica of that size may be placed: enough real space above the minimal share, and no more promised than
 * the over-provisioning allows. Source: longhorn-manager:scheduler/replica_scheduler.go IsSchedulableToDisk@v1.11.3.
 */
export function hasSpaceFor(disk: Disk, sizeBytes: number, actualBytes: number, settings: Settings): boolean {
  const { storageMaximum, storageAvailable, storageScheduled } = disk.status;
  if (storageMaximum <= 0 || storageAvailable <= 0) return false;
  const minimalShare = settings.number('storage-minimal-available-percentage') / 100;
  const overProvisioning = settings.number('storage-over-provisioning-percentage') / 100;
  const keepsReserve = storageAvailable - actualBytes > storageMaximum * minimalShare;
  const withinPromise =
    sizeBytes + storageScheduled <= (storageMaximum - (disk.spec.storageReserved ?? 0)) * overProvisioning;
  return keepsReserve && withinPromise;
}
