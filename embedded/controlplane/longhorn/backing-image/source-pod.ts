import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys, managedByLonghorn } from '../cluster/names.ts';
import type { BackingImage, BackingImageDataSource } from '../model/backing-image.ts';
import type { PodPlan } from '../workloads/pod.ts';

/** The pod that fetches an image's first file. Source: longhorn-facts §1.3. */
export function sourcePodName(image: string): string {
  return `backing-image-ds-${image}`;
}

export function sourcePod(cluster: LonghornCluster, source: BackingImageDataSource, image: BackingImage): PodPlan {
  const name = source.metadata.name;
  const engine = image.spec.dataEngine === 'v2' ? ['--parameters', 'data-engine=v2'] : [];
  return {
    name: sourcePodName(name),
    labels: {
      [labelKeys.component]: 'backing-image-data-source',
      ...managedByLonghorn,
      'longhorn.io/backing-image-data-source': name,
      'longhorn.io/node': source.spec.nodeID,
      'longhorn.io/disk-uuid': source.spec.diskUUID,
    },
    container: 'backing-image-data-source',
    image: cluster.profile.images.backingImageManager,
    nodeName: source.spec.nodeID,
    args: ['backing-image-manager', 'data-source', '--name', name, '--source-type', source.spec.sourceType, ...engine],
  };
}
