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
      ...(provider.kind === 'kind' ? forKind(request) : {}),
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
 * here is the machine's own: a fairly full one would take no image. Numbers are strings:
 * the chart of 1.10.0 refuses numbers (longhorn/longhorn:chart/templates/default-setting.yaml@v1.10.0), the others take both.
 */
function forKind({ longhorn }: ClusterRequest): Record<string, unknown> {
  return {
    csi: { attacherReplicaCount: 1, provisionerReplicaCount: 1, resizerReplicaCount: 1, snapshotterReplicaCount: 1 },
    longhornUI: { replicas: 1 },
    defaultSettings: {
      storageMinimalAvailablePercentage: '5',
      storageReservedPercentageForDefaultDisk: '0',
      upgradeChecker: false,
      allowCollectingLonghornUsageMetrics: false,
      ...(/^1\.[89]\./.test(longhorn) ? leastCpu : {}),
    },
  };
}

/**
 * 1.8 and 1.9 ask 1250 millicpu for the V2 instance manager beside 12 % of the node for the one of V1, so with a control
 * plane on the node the kubelet of a machine with two CPUs refuses it (OutOfcpu). Nothing is lost: all nodes share the CPUs
 * anyway, and V1 volumes do not attach in Kind. 1000 is the least that Longhorn takes; from 1.10 on it is 12 % as well
 * (longhorn-manager:types/setting.go@v1.8.1, @v1.9.1 and @v1.10.0).
 */
const leastCpu = { guaranteedInstanceManagerCPU: '0', v2DataEngineGuaranteedInstanceManagerCPU: '1000' };
