/** StorageClass, claim and the like for a V2 block volume. longhorn-manager:csi/util.go@v1.11.3 */
import type { NewObject } from '../kubernetes/client.ts';

export const provisioner = 'driver.longhorn.io';

/** Without `backingImageDataSourceType`, CSI takes the image that exists and compares nothing with it. */
export function storageClassManifest(options: { name: string; backingImage: string; replicaCount: number }): NewObject {
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
      backingImage: options.backingImage,
    },
  };
}

export function blockClaimManifest(options: {
  name: string;
  namespace: string;
  storageClass: string;
  sizeBytes: number;
}): NewObject {
  return {
    metadata: { name: options.name, namespace: options.namespace },
    spec: {
      storageClassName: options.storageClass,
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Block',
      resources: { requests: { storage: String(options.sizeBytes) } },
    },
  };
}
