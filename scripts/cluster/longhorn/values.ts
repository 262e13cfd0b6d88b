import { stringify } from 'yaml';
import type { ClusterRequest } from '../request.ts';
import { type PinnedImage, releaseImages } from './releases.ts';

/**
 * The chart's values: every image by its fixed tag, and the registry under each of the names that charts have had for it
 * (`global.cattle.systemDefaultRegistry` 1.8 to 1.12, `global.imageRegistry` since 1.9.1; 1.11.0 has a default for the
 * latter, which wins). Source: longhorn/longhorn:chart/{values.yaml,templates/_helpers.tpl} at each tag.
 */
export function longhornValues(request: ClusterRequest): string {
  const { registry, pullSecret, provider } = request;
  return stringify(
    {
      ...(registry === undefined
        ? {}
        : { global: { imageRegistry: registry, cattle: { systemDefaultRegistry: registry } } }),
      ...(pullSecret === undefined ? {} : { privateRegistry: { registrySecret: pullSecret } }),
      image: images(request),
      ...(provider.kind === 'kind' ? forKind : {}),
    },
    { aliasDuplicateObjects: false },
  );
}

function images(request: ClusterRequest): Record<string, Record<string, PinnedImage>> {
  const { longhorn, csi } = releaseImages(request.longhorn);
  return { longhorn, csi };
}

/**
 * Less of what nobody needs on one machine. Longhorn takes no disk with less than 25 % free space, and its default disk
 * here is the machine's own: a fairly full one would take no image. Percentages are strings:
 * the chart of 1.10.0 refuses numbers (longhorn/longhorn:chart/templates/default-setting.yaml@v1.10.0), the others take both.
 */
const forKind = {
  csi: { attacherReplicaCount: 1, provisionerReplicaCount: 1, resizerReplicaCount: 1, snapshotterReplicaCount: 1 },
  longhornUI: { replicas: 1 },
  defaultSettings: {
    storageMinimalAvailablePercentage: '5',
    storageReservedPercentageForDefaultDisk: '0',
    upgradeChecker: false,
    allowCollectingLonghornUsageMetrics: false,
  },
};
