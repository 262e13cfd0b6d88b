import { equalJson } from '../../../apiserver/json.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { backingImageLvolName, instanceManagerName } from '../cluster/names.ts';
import { startPoller } from '../cluster/poller.ts';
import { markError } from '../instance/instance-state.ts';
import type { SpdkNode } from '../../../dataplane/contract.ts';
import type { InstanceStatus } from '../model/instance.ts';
import type { InstanceBackingImage, InstanceProcess } from '../model/node.ts';

// The real manager is told by a stream whose source polls SPDK: longhorn-spdk-engine:pkg/spdk/server.go, 3 s.
const pollSeconds = 3;

/**
 * Mirrors each node's V2 instances and backing images into its InstanceManager, and notices instances that died.
 * Both lag what they describe (longhorn-facts §4.9).
 */
export function startInstanceManagerMonitor(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Promise<void> {
  return startPoller({
    clock: cluster.clock,
    signal: cluster.signal,
    intervalSeconds: pollSeconds,
    tick() {
      for (const node of cluster.nodes.list()) mirrorNode(cluster, node.metadata.name);
    },
    onError(error) {
      onError('instance-manager', error);
    },
  });
}

function mirrorNode(cluster: LonghornCluster, nodeName: string): void {
  const name = instanceManagerName(cluster.profile.images.instanceManager, nodeName, 'v2');
  const manager = cluster.instanceManagers.get(name);
  if (manager?.status?.currentState !== 'running') return;
  const node = cluster.dataPlane.node(nodeName);
  noticeDeadInstances(cluster, node);
  const replicas = cluster.replicas.list().filter((replica) => replica.status?.instanceManagerName === name);
  const engines = cluster.engines.list().filter((engine) => engine.status?.instanceManagerName === name);
  const seen = {
    backingImages: backingImages(node),
    instanceReplicas: processes(
      replicas.map((replica) => replica.metadata.name),
      'replica',
      (instance) => node.replicaGet(instance),
    ),
    instanceEngines: processes(
      engines.map((engine) => engine.metadata.name),
      'engine',
      (instance) => node.engineGet(instance),
    ),
  };
  const { backingImages: images, instanceReplicas, instanceEngines } = manager.status;
  if (equalJson(seen, { backingImages: images, instanceReplicas, instanceEngines })) return;
  cluster.instanceManagers.changeStatus(name, (draft) => {
    if (draft.status !== undefined) Object.assign(draft.status, seen);
  });
}

function processes(
  names: readonly string[],
  type: 'replica' | 'engine',
  get: (name: string) => { state: string; port: number; errorMessage: string } | undefined,
): Record<string, InstanceProcess> {
  const entries = names.flatMap((name): [string, InstanceProcess][] => {
    const info = get(name);
    if (info === undefined) return [];
    const status = {
      endpoint: '',
      errorMsg: info.errorMessage,
      listen: '',
      portEnd: info.port,
      portStart: info.port,
      resourceVersion: 0,
      state: info.state,
      type,
    };
    return [[name, { spec: { dataEngine: 'v2', name }, status }]];
  });
  return Object.fromEntries(entries);
}

function backingImages(node: SpdkNode): Record<string, InstanceBackingImage> {
  return Object.fromEntries(
    node.backingImageList().map((info) => [
      backingImageLvolName(info.name, info.lvstoreUuid),
      {
        name: info.name,
        uuid: info.backingImageUuid,
        diskUUID: info.lvstoreUuid,
        size: info.sizeBytes,
        progress: info.progress,
        state: info.state,
        currentChecksum: info.currentChecksum,
        message: info.errorMessage,
      },
    ]),
  );
}

function wasRunning(status: InstanceStatus | undefined): boolean {
  return status?.currentState === 'running' || status?.currentState === 'unknown';
}

/** An instance that the CR says runs, but SPDK does not know any more or calls broken, is in error. */
export function noticeDeadInstances(cluster: LonghornCluster, node: SpdkNode): void {
  for (const replica of cluster.replicas.list()) {
    if (replica.spec.nodeID !== node.nodeName || replica.spec.dataEngine !== 'v2') continue;
    if (!wasRunning(replica.status) || replica.spec.desireState !== 'running') continue;
    const state = node.replicaGet(replica.metadata.name)?.state;
    if (state === 'running' || state === 'starting' || state === 'pending') continue;
    cluster.replicas.changeStatus(replica.metadata.name, (draft) => {
      if (draft.status !== undefined && draft.metadata.deletionTimestamp === undefined) markError(draft.status);
    });
  }
  for (const engine of cluster.engines.list()) {
    if (engine.spec.nodeID !== node.nodeName || !wasRunning(engine.status)) continue;
    if (engine.metadata.deletionTimestamp !== undefined) continue;
    const state = node.engineGet(engine.metadata.name)?.state;
    if (state === 'running' || state === 'starting' || state === 'pending') continue;
    cluster.engines.changeStatus(engine.metadata.name, (draft) => {
      if (draft.status !== undefined) markError(draft.status);
    });
  }
}
