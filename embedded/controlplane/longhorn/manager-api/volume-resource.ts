import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Engine } from '../model/engine.ts';
import type { EngineFrontend } from '../model/engine-frontend.ts';
import type { Replica } from '../model/replica.ts';
import type { Volume } from '../model/volume.ts';

/**
 * A volume as the HTTP API shows it, with the fields that have a counterpart here.
 * Source: longhorn-manager:api/model.go toVolumeResource@v1.11.3.
 */
export function volumeResource(cluster: LonghornCluster, volume: Volume, self: string): Record<string, unknown> {
  const { spec, status } = volume;
  const { name, creationTimestamp } = volume.metadata;
  const engines = cluster.enginesOf(name);
  const serving = engines.find((engine) => engine.spec.nodeID === status?.currentNodeID);
  return {
    id: name,
    type: 'volume',
    links: { self },
    actions: Object.fromEntries(actionsOf(volume).map((action) => [action, `${self}?action=${action}`])),
    name,
    size: spec.size,
    frontend: spec.frontend,
    disableFrontend: spec.disableFrontend ?? false,
    lastAttachedBy: spec.lastAttachedBy ?? '',
    dataSource: spec.dataSource ?? '',
    cloneMode: spec.cloneMode ?? '',
    numberOfReplicas: spec.numberOfReplicas,
    dataLocality: spec.dataLocality,
    staleReplicaTimeout: spec.staleReplicaTimeout ?? 0,
    created: creationTimestamp,
    image: spec.image,
    backingImage: spec.backingImage ?? '',
    dataEngine: spec.dataEngine,
    accessMode: spec.accessMode,
    state: status?.state ?? '',
    robustness: status?.robustness ?? '',
    currentImage: status?.currentImage ?? '',
    conditions: Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition])),
    kubernetesStatus: status?.kubernetesStatus,
    cloneStatus: status?.cloneStatus,
    controllers: engines.map((engine) => controllerResource(engine, cluster.engineFrontendsOf(name))),
    replicas: cluster.replicasOf(name).map((replica) => replicaResource(replica, serving)),
    volumeAttachment: attachmentResource(cluster, name),
  };
}

/** Of what is served here. Source: longhorn-manager:api/model.go:1700-1840@v1.11.3. */
function actionsOf({ status }: Volume): string[] {
  const reverts = status?.robustness !== 'faulted' && status?.state === 'attached';
  return ['attach', 'detach', ...(reverts ? ['snapshotRevert'] : [])];
}

function controllerResource(
  { metadata, spec, status }: Engine,
  frontends: readonly EngineFrontend[],
): Record<string, unknown> {
  const sizes = Object.values(status?.snapshots ?? {}).map(({ size }) => Number(size));
  const frontend = frontends.find((candidate) => candidate.spec.engineName === metadata.name);
  return {
    name: metadata.name,
    running: status?.currentState === 'running',
    hostId: spec.nodeID,
    address: status?.ip ?? '',
    image: spec.image,
    currentImage: status?.currentImage ?? '',
    instanceManagerName: status?.instanceManagerName ?? '',
    size: status?.currentSize ?? '0',
    actualSize: String(sizes.reduce((sum, size) => sum + size, 0)),
    endpoint: (frontend?.status ?? status)?.endpoint ?? '',
    isExpanding: status?.isExpanding ?? false,
  };
}

function replicaResource({ metadata, spec, status }: Replica, serving: Engine | undefined): Record<string, unknown> {
  return {
    name: metadata.name,
    running: status?.currentState === 'running',
    address: status?.ip ?? '',
    hostId: spec.nodeID,
    image: spec.image,
    currentImage: status?.currentImage ?? '',
    instanceManagerName: status?.instanceManagerName ?? '',
    diskID: spec.diskID,
    diskPath: spec.diskPath,
    mode: serving?.status?.replicaModeMap?.[metadata.name] ?? '',
    failedAt: spec.failedAt,
    dataEngine: spec.dataEngine,
  };
}

function attachmentResource(cluster: LonghornCluster, volume: string): Record<string, unknown> {
  const attachment = cluster.attachments.get(volume);
  const attachments = Object.values(attachment?.spec.attachmentTickets ?? {}).map((ticket) => {
    const status = attachment?.status?.attachmentTicketStatuses[ticket.id];
    return [
      ticket.id,
      {
        attachmentID: ticket.id,
        attachmentType: ticket.type,
        nodeID: ticket.nodeID,
        parameters: ticket.parameters ?? {},
        satisfied: status?.satisfied ?? false,
        conditions: status?.conditions ?? [],
      },
    ];
  });
  return { attachments: Object.fromEntries(attachments), volume };
}
