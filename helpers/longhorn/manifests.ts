/** StorageClass, claim and the like for a V2 block volume. longhorn-manager:csi/util.go@v1.11.3 */
import type { NewObject } from '../kubernetes/client.ts';

export const provisioner = 'driver.longhorn.io';

/**
 * Without `backingImageDataSourceType`, CSI takes the image that exists and compares nothing with it. `cloneMode` says
 * how a claim with a data source is filled: longhorn-manager:csi/util.go@v1.12.1.
 */
export function storageClassManifest(options: {
  name: string;
  replicaCount: number;
  backingImage?: string;
  cloneMode?: 'linked-clone';
}): NewObject {
  return {
    metadata: { name: options.name },
    provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
    parameters: {
      dataEngine: 'v2',
      numberOfReplicas: String(options.replicaCount),
      staleReplicaTimeout: '2880',
      ...(options.backingImage === undefined ? {} : { backingImage: options.backingImage }),
      ...(options.cloneMode === undefined ? {} : { cloneMode: options.cloneMode }),
    },
  };
}

export function blockClaimManifest(options: {
  name: string;
  namespace: string;
  storageClass: string;
  sizeBytes: number;
  /** Name of the claim to clone, in the same namespace. */
  sourceClaim?: string;
}): NewObject {
  return {
    metadata: { name: options.name, namespace: options.namespace },
    spec: {
      storageClassName: options.storageClass,
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Block',
      resources: { requests: { storage: String(options.sizeBytes) } },
      ...(options.sourceClaim === undefined
        ? {}
        : { dataSource: { kind: 'PersistentVolumeClaim', name: options.sourceClaim } }),
    },
  };
}
