import { createHash } from 'node:crypto';
import type { PersistentVolume } from '../objects/storage.ts';

/** The VolumeAttachment of a CSI volume on a node (kubernetes:pkg/volume/csi/csi_attacher.go getAttachmentName). */
export function attachmentName(options: { volumeHandle: string; driver: string; nodeName: string }): string {
  const { volumeHandle, driver, nodeName } = options;
  return `csi-${createHash('sha256').update(`${volumeHandle}${driver}${nodeName}`).digest('hex')}`;
}

/** How Node.status names a volume. */
export function uniqueVolumeName(volume: PersistentVolume): string {
  return `kubernetes.io/csi/${volume.spec.csi?.driver ?? ''}^${volume.spec.csi?.volumeHandle ?? ''}`;
}
