import { equalJson } from '../../../apiserver/json.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { backingImageLvolName, instanceManagerName } from '../cluster/names.ts';
import { startPoller } from '../cluster/poller.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import { markError } from '../instance/instance-state.ts';
import type { SpdkNode } from '../../../dataplane/contract.ts';
import type { InstanceStatus } from '../model/instance.ts';
import type { InstanceBackingImage, InstanceProcess } from '../model/node.ts';

/** An SPDK replica reserves as many ports: longhorn-manager:engineapi/instance_manager.go DefaultReplicaPortCountV2. */
const replicaPorts = 5;

/** Source: longhorn-spdk-engine:pkg/types/types.go@d19dbb3a. */
const frontendsOfSpdk: Readonly<Record<string, string>> = { blockdev: 'spdk-tcp-blockdev', nvmf: 'spdk-tcp-nvmf' };

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
  const of = (instance: { status?: InstanceStatus }): boolean => instance.status?.instanceManagerName === name;
  const process = processes(cluster);
  const seen = {
    backingImages: backingImages(node),
    instanceReplicas: process('replica', cluster.replicas.list().filter(of), ({ metadata }) => {
      const info = node.replicaGet(metadata.name);
      return (
        info && { ...seenOf(info), portStart: info.port, portEnd: info.port === 0 ? 0 : info.port + replicaPorts - 1 }
      );
    }),
    instanceEngines: process('engine', cluster.engines.list().filter(of), ({ metadata }) => {
      const info = node.engineGet(metadata.name);
      // Since frontends are objects of their own, an engine has no port of a target beside its own.
      const target = cluster.engineFrontends === undefined ? (info?.port ?? 0) : 0;
      return (
        info && {
          ...seenOf(info),
          portStart: info.port,
          portEnd: info.port,
          targetPortStart: target,
          targetPortEnd: target,
        }
      );
    }),
    ...(cluster.engineFrontends === undefined
      ? {}
      : {
          instanceEngineFrontends: process(
            'engine-frontend',
            cluster.engineFrontends.list().filter(of),
            ({ spec, status }) => {
              if (status?.currentState !== 'running') return undefined;
              const { targetPort, endpoint } = status;
              const frontend = spec.disableFrontend ? '' : (frontendsOfSpdk[spec.frontend] ?? spec.frontend);
              return { state: 'running', endpoint, frontend, targetPortStart: targetPort, targetPortEnd: targetPort };
            },
          ),
        }),
  };
  // Empty maps are left out of the object, but for the images.
  const isThere = (field: string, map: object): boolean => field === 'backingImages' || Object.keys(map).length > 0;
  const wanted = Object.fromEntries(
    Object.entries(seen).map(([field, map]) => [field, isThere(field, map) ? map : undefined]),
  );
  const told = Object.fromEntries(
    Object.keys(seen).map((field) => [field, manager.status?.[field as keyof typeof seen]]),
  );
  if (equalJson(wanted, told)) return;
  cluster.instanceManagers.changeStatus(name, ({ status }) => {
    if (status === undefined) return;
    for (const [field, map] of Object.entries(wanted)) {
      if (map === undefined) Reflect.deleteProperty(status, field);
      else Object.assign(status, { [field]: map });
    }
  });
}

interface Instance {
  readonly metadata: { readonly name: string };
  readonly status?: InstanceStatus;
}

const seenOf = ({ state, errorMessage }: { state: string; errorMessage: string }): Record<string, unknown> => ({
  state,
  errorMsg: errorMessage,
});

/**
 * What the manager makes of an instance that the data plane tells.
 * Source: longhorn-manager:engineapi/instance_manager.go parseInstance@v1.12.1; longhorn-instance-manager:pkg/instance/instance.go@v1.12.1.
 */
function processes({ profile }: LonghornCluster) {
  const told = (range: string, fields: Record<string, unknown>): Record<string, unknown> =>
    isInVersionRange(profile.version, range) ? fields : {};
  return <T extends Instance>(
    type: string,
    instances: readonly T[],
    get: (instance: T) => Record<string, unknown> | undefined,
  ) =>
    Object.fromEntries(
      instances.flatMap((instance): [string, InstanceProcess][] => {
        const seen = get(instance);
        if (seen === undefined) return [];
        const { name } = instance.metadata;
        const { uuid } = instance.status ?? {};
        const status = {
          conditions: {},
          endpoint: '',
          errorMsg: '',
          listen: '',
          portEnd: 0,
          portStart: 0,
          resourceVersion: 0,
          targetPortEnd: 0,
          targetPortStart: 0,
          type,
          ...told('1.9.0..', uuid === undefined ? {} : { uuid }),
          ...told('1.12.0..', { frontend: '' }),
          ...seen,
        };
        return [[name, { spec: { dataEngine: 'v2', name, ...told('..1.8.2', { backendStoreDriver: '' }) }, status }]];
      }),
    );
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
