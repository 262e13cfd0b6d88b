import { createHash } from 'node:crypto';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { KubeObject } from '../../apiserver/store.ts';
import type { CsiDriver } from '../csi.ts';
import type { ClusterContext, ClusterNode } from './context.ts';

const kubeletVersion = 'v1.36.2';

/** A UUID that follows from its purpose, for fields such as machineID. */
function stableUuid(purpose: string): string {
  const hex = createHash('sha256').update(purpose).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

const architecture = arch() === 'x64' ? 'amd64' : arch();

function conditions(timestamp: string): unknown[] {
  const condition = (type: string, status: string, reason: string, message: string): unknown => ({
    type,
    status,
    lastHeartbeatTime: timestamp,
    lastTransitionTime: timestamp,
    reason,
    message,
  });
  return [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}

function nodeStatus(node: ClusterNode, timestamp: string): Record<string, unknown> {
  const memoryKi = Math.floor(totalmem() / 1024);
  const resources = {
    cpu: String(Math.max(4, cpus().length)),
    'ephemeral-storage': '103079844Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '2Gi',
    memory: `${memoryKi}Ki`,
    pods: '110',
  };
  return {
    addresses: [
      { type: 'InternalIP', address: node.ip },
      { type: 'Hostname', address: node.name },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: conditions(timestamp),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    images: [],
    nodeInfo: {
      architecture,
      bootID: stableUuid(`boot ${node.name}`),
      containerRuntimeVersion: 'containerd://2.2.0',
      kernelVersion: release(),
      kubeProxyVersion: '',
      kubeletVersion,
      machineID: stableUuid(`machine ${node.name}`).replaceAll('-', ''),
      operatingSystem: 'linux',
      osImage: `Embedded cluster on ${platform()}`,
      systemUUID: stableUuid(`system ${node.name}`),
    },
  };
}

function createNode(context: ClusterContext, node: ClusterNode, index: number): KubeObject {
  const labels: Record<string, string> = {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
  };
  const podCidr = `10.244.${index}.0/24`;
  const created = context.resources.nodes.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.name, labels },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr], providerID: `embedded://${node.name}` },
  });
  context.resources.nodes.editStatus(created, (draft) => {
    draft.status = nodeStatus(node, context.clock.timestamp());
  });
  return created;
}

/** Creates the Node and CSINode objects, all nodes Ready, and enters CSI drivers as they register. */
export function createNodeObjects(context: ClusterContext): void {
  const { resources, csi, nodes } = context;
  for (const [index, node] of nodes.entries()) {
    const created = createNode(context, node, index);
    resources.csiNodes.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: {
        name: node.name,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: created.metadata.uid }],
      },
      spec: { drivers: [] },
    });
  }
  const enter = (driver: CsiDriver): void => {
    for (const node of nodes) {
      const csiNode = resources.csiNodes.get(node.name);
      if (csiNode === undefined) {
        continue;
      }
      resources.csiNodes.edit(csiNode, (draft) => {
        const others = (draft.spec.drivers ?? []).filter((entry) => entry.name !== driver.name);
        draft.spec.drivers = [
          ...others,
          { name: driver.name, nodeID: node.name, topologyKeys: ['kubernetes.io/hostname'] },
        ];
      });
    }
  };
  for (const driver of csi.list()) {
    enter(driver);
  }
  csi.onRegister(enter);
}
