import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { instanceManagerImageName, instanceManagerName, labelKeys, managedByLonghorn } from '../cluster/names.ts';
import { withCondition } from '../model/condition.ts';
import type { DataEngine } from '../model/instance.ts';
import type { InstanceManager } from '../model/node.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import { longhornApiVersion } from '../resources/custom-resources.ts';
import { ensurePod } from '../workloads/pod.ts';

/** The instance manager of one engine on one node, with its pod. */
export function seedInstanceManager(cluster: LonghornCluster, node: string, dataEngine: DataEngine): void {
  const image = cluster.profile.images.instanceManager;
  const name = instanceManagerName(image, node, dataEngine);
  const owner = cluster.nodes.get(node);
  const labels = {
    [labelKeys.component]: 'instance-manager',
    ...managedByLonghorn,
    'longhorn.io/instance-manager-type': 'aio',
    'longhorn.io/node': node,
    'longhorn.io/instance-manager-image': instanceManagerImageName(image),
    'longhorn.io/data-engine': dataEngine,
  };
  const mask = dataEngine === 'v2' ? cpuMask(cluster) : '';
  const manager = cluster.instanceManagers.create({
    metadata: {
      name,
      labels,
      ownerReferences: [
        {
          apiVersion: longhornApiVersion,
          kind: 'Node',
          name: node,
          uid: owner?.metadata.uid ?? '',
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      image,
      nodeID: node,
      type: 'aio',
      dataEngine,
      // A mask of its own; without one the setting's holds.
      dataEngineSpec: { v2: { cpuMask: '', cpuIsolationEnabled: '' } },
    },
  });
  const now = cluster.clock.timestamp();
  let conditions = withCondition([], { type: 'PodReady', status: 'True', reason: 'Running', now });
  conditions = withCondition(conditions, { type: 'NodeReady', status: 'True', now });
  conditions = withCondition(conditions, { type: 'SettingSynced', status: 'True', now });
  cluster.instanceManagers.changeStatus(name, (draft) => {
    draft.status = {
      ownerID: node,
      currentState: 'running',
      conditions,
      backingImages: dataEngine === 'v2' ? {} : null,
      ip: cluster.dataPlane.node(node).ip,
      apiMinVersion: 1,
      proxyApiMinVersion: 1,
      ...apiVersions(cluster),
      dataEngineStatus: { v2: { cpuMask: mask, cpuCoreNumber: 0, interruptModeEnabled: '' } },
    } satisfies NonNullable<InstanceManager['status']>;
  });
  ensureInstanceManagerPod(cluster, manager);
}

/** longhorn-instance-manager:pkg/meta/version.go at each tag; a real 1.8.1 reports 6 and 5. */
function apiVersions({ profile }: LonghornCluster): { apiVersion: number; proxyApiVersion: number } {
  const since = (version: string): boolean => isInVersionRange(profile.version, `${version}..`);
  return {
    apiVersion: since('1.11.0') ? 7 : 6,
    proxyApiVersion: since('1.12.1') ? 7 : since('1.11.0') ? 6 : 5,
  };
}

export function ensureInstanceManagerPod(cluster: LonghornCluster, { metadata, spec }: InstanceManager): void {
  const { name, uid, labels = {} } = metadata;
  ensurePod(cluster, {
    name,
    labels,
    container: 'instance-manager',
    image: spec.image,
    nodeName: spec.nodeID,
    owner: {
      apiVersion: longhornApiVersion,
      kind: 'InstanceManager',
      name,
      uid,
      controller: true,
      blockOwnerDeletion: true,
    },
    args: ['instance-manager', '--debug', 'daemon', '--listen', '0.0.0.0:8500'],
    privileged: true,
  });
}

function cpuMask(cluster: LonghornCluster): string {
  const plain = 'v2-data-engine-cpu-mask';
  return cluster.settings.text(cluster.settings.definitions.has(plain) ? plain : 'data-engine-cpu-mask', 'v2');
}
