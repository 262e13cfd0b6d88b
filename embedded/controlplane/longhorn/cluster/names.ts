import { createHash } from 'node:crypto';
import type { VersionProfile } from '../../../versions/profile.ts';
import type { DataEngine } from '../model/instance.ts';

export const longhornNamespace = 'longhorn-system';
export const longhornFinalizer = 'longhorn.io';
export const csiDriverName = 'driver.longhorn.io';

/** Label keys. Sources: longhorn-manager:types/types.go@v1.11.3, for clones @v1.12.1. */
export const labelKeys = {
  volume: 'longhornvolume',
  node: 'longhornnode',
  diskUuid: 'longhorndiskuuid',
  backingImage: 'longhorn.io/backing-image',
  component: 'longhorn.io/component',
  cloneSourceVolume: 'longhorn.io/clone-source-volume',
  linkedCloneSourceSnapshot: 'longhorn.io/linked-clone-source-snapshot',
  linkedCloneSourceReplica: 'longhorn.io/linked-clone-src-replica',
  managedBy: 'longhorn.io/managed-by',
} as const;

export const managedByLonghorn = { [labelKeys.managedBy]: 'longhorn-manager' };

function digest(algorithm: 'sha512' | 'sha256' | 'sha224', text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

/** Sources: longhorn-manager:types/types.go GetInstanceManagerName, GetEngineImageChecksumName@v1.11.3. */
export function instanceManagerName(image: string, node: string, dataEngine: DataEngine): string {
  return `instance-manager-${digest('sha512', node + image + dataEngine).slice(0, 32)}`;
}

export function engineImageName(image: string): string {
  return `ei-${digest('sha512', image).slice(0, 8)}`;
}

/** Of the image's canonical name. Source: longhorn-manager:types/types.go GetImageCanonicalName@v1.12.1. */
export function instanceManagerImageName(image: string): string {
  return `imi-${digest('sha512', image.replaceAll(/[:/]/g, '-')).slice(0, 8)}`;
}

/** Source: longhorn-manager:types/types.go GetBackingImageManagerName@v1.9.2, v1.10.0, v1.11.3. */
export function backingImageManagerName(profile: VersionProfile, image: string, diskUuid: string): string {
  switch (profile.backingImageManagerName) {
    case 'hash-and-disk-prefix':
      return `backing-image-manager-${digest('sha512', image).slice(0, 4)}-${diskUuid.slice(0, 4)}`;
    case 'sha256':
      return `bim-${digest('sha256', `${image}-${diskUuid}`)}`;
    case 'sha224':
      return `bim-${digest('sha224', `${image}-${diskUuid}`)}`;
  }
}

/** The ticket of a CSI attachment, and the name of the Kubernetes VolumeAttachment (longhorn-facts §1.10). */
export function csiTicketName(volume: string, node: string): string {
  return `csi-${digest('sha256', `${volume}${csiDriverName}${node}`)}`;
}

export function orphanName(node: string, diskName: string, diskUuid: string, dataName: string): string {
  return `orphan-${digest('sha256', `${node}-${diskName}-${diskUuid}-${dataName}`)}`;
}

export function backingImageLvolName(backingImage: string, diskUuid: string): string {
  return `bi-${backingImage}-disk-${diskUuid}`;
}
