import type { CsiDriver } from '../../csi.ts';
import { isDataComplete, sourceOf } from '../clone/linked-clone.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { csiDriverName, csiTicketName } from '../cluster/names.ts';
import { conditionOf } from '../model/condition.ts';
import type { Volume } from '../model/volume.ts';
import { prepareBackingImage } from './backing-image-request.ts';
import { alignSize } from '../webhooks/volume-defaults.ts';
import { provisionedSize, volumeSpec } from './volume-options.ts';

const pollSeconds = 2;
const timeoutSeconds = 90;

/** Longhorn's CSI plugin. Source: longhorn-manager:csi/controller_server.go@v1.11.3. */
export function createCsiDriver(clusterOf: () => LonghornCluster): CsiDriver {
  return {
    name: csiDriverName,
    createVolume: (request) => createVolume(clusterOf(), request),
    deleteVolume: (handle) => deleteVolume(clusterOf(), handle),
    expandVolume: (handle, capacityBytes) => expandVolume(clusterOf(), handle, capacityBytes),
    controllerPublish: (handle, node) => publish(clusterOf(), handle, node),
    controllerUnpublish: (handle, node) => unpublish(clusterOf(), handle, node),
    deviceUri(handle, node) {
      const cluster = clusterOf();
      const engine = cluster.enginesOf(handle)[0];
      const uri =
        engine === undefined ? '' : (cluster.dataPlane.node(node).engineGet(engine.metadata.name)?.deviceUri ?? '');
      if (uri === '') throw new Error(`Volume ${handle} has no device on node ${node}: it is not attached there.`);
      return uri;
    },
  };
}

async function createVolume(
  cluster: LonghornCluster,
  request: Parameters<CsiDriver['createVolume']>[0],
): ReturnType<CsiDriver['createVolume']> {
  const sizeBytes = provisionedSize(request.capacityBytes);
  const existing = cluster.volumes.get(request.name);
  if (existing === undefined) {
    prepareBackingImage(cluster, request.name, request.parameters);
    const dataSource = dataSourceOf(cluster, request.sourceVolume, sizeBytes);
    const spec = volumeSpec(cluster, request.parameters, { sizeBytes, accessModes: request.accessModes, dataSource });
    cluster.volumes.create({ metadata: { name: request.name }, spec: spec as Volume['spec'] });
  } else if (Number(existing.spec.size) !== sizeBytes) {
    const sizes = `${existing.spec.size} and requested ${String(sizeBytes)}`;
    throw new Error(
      `rpc error: code = AlreadyExists desc = volume ${request.name} already exists with different size ${sizes}`,
    );
  }
  await until(cluster, request.name, 'created', (volume) => {
    const state = volume?.status?.state ?? '';
    return state !== '' && state !== 'creating';
  });
  return {
    volumeHandle: request.name,
    capacityBytes: sizeBytes,
    context: { ...request.parameters, share: 'false' },
  };
}

/** Source: longhorn-manager:csi/controller_server.go CreateVolume@v1.12.1. */
function dataSourceOf(cluster: LonghornCluster, handle: string | undefined, sizeBytes: number): string {
  if (handle === undefined) return '';
  const source = cluster.volumes.get(handle);
  if (source === undefined) {
    throw new Error(`rpc error: code = NotFound desc = failed to clone volume: source volume ${handle} is not found`);
  }
  if (Number(source.spec.size) !== sizeBytes) {
    const sizes = `the requested size (${String(sizeBytes)} bytes) is different than the source volume size (${source.spec.size} bytes)`;
    throw new Error(`rpc error: code = OutOfRange desc = failed to clone volume: ${sizes}`);
  }
  return `vol://${handle}`;
}

async function deleteVolume(cluster: LonghornCluster, handle: string): Promise<void> {
  cluster.volumes.delete(handle);
  await until(cluster, handle, 'deleted', (volume) => volume === undefined);
}

/** Source: longhorn-manager:csi/controller_server.go ControllerExpandVolume, manager/volume.go Expand@v1.11.3. */
async function expandVolume(
  cluster: LonghornCluster,
  handle: string,
  capacityBytes: number,
): Promise<{ capacityBytes: number }> {
  const volume = cluster.volumes.get(handle);
  if (volume === undefined) throw new Error(`rpc error: code = NotFound desc = volume ${handle} missing`);
  const state = volume.status?.state ?? '';
  if (state !== 'detached' && state !== 'attached') {
    throw new Error(
      `rpc error: code = FailedPrecondition desc = volume ${handle} invalid state ${state} for controller volume expansion`,
    );
  }
  const refuse = (reason: string): never => {
    throw new Error(`rpc error: code = Internal desc = unable to expand volume ${handle}: ${reason}`);
  };
  if (conditionOf(volume.status?.conditions, 'Scheduled')?.status !== 'True')
    refuse('cannot expand volume before replica scheduling success');
  const sizeBytes = alignSize(capacityBytes);
  if (Number(volume.spec.size) < sizeBytes) {
    try {
      cluster.volumes.change(handle, (draft) => {
        draft.spec.size = String(sizeBytes);
      });
    } catch (error) {
      refuse((error as Error).message);
    }
  }
  const grown = (size: string | undefined): boolean => Number(size ?? '0') >= capacityBytes;
  await until(cluster, handle, 'expanded', (current) => {
    const engine = cluster.enginesOf(handle)[0];
    return grown(current?.spec.size) && grown(engine?.status?.currentSize) && engine?.status?.isExpanding === false;
  });
  return { capacityBytes: Number(cluster.volumes.get(handle)?.spec.size ?? volume.spec.size) };
}

async function publish(cluster: LonghornCluster, handle: string, node: string): Promise<void> {
  const volume = cluster.volumes.get(handle);
  if (volume === undefined) throw new Error(`rpc error: code = NotFound desc = volume ${handle} not found`);
  if (volume.spec.frontend !== 'blockdev' && volume.spec.frontend !== 'ublk') {
    throw new Error(
      `rpc error: code = InvalidArgument desc = volume ${handle} invalid frontend type ${volume.spec.frontend}`,
    );
  }
  if (!isReadyForWorkloads(volume)) {
    throw new Error(`rpc error: code = Aborted desc = volume ${handle} is not ready for workloads`);
  }
  const id = csiTicketName(handle, node);
  cluster.attachments.change(handle, (draft) => {
    draft.spec.attachmentTickets[id] ??= {
      id,
      type: 'csi-attacher',
      nodeID: node,
      parameters: { disableFrontend: 'false', lastAttachedBy: '' },
      generation: 0,
    };
  });
  await until(cluster, handle, `published on node ${node}`, (current) => {
    const ticket = cluster.attachments.get(handle)?.status?.attachmentTicketStatuses[id];
    const attached = current?.status?.state === 'attached' && current.status.currentNodeID === node;
    const [holder] = [...cluster.engineFrontendsOf(handle), ...cluster.enginesOf(handle)];
    const endpoint = holder?.status?.endpoint ?? '';
    return ticket?.satisfied === true && attached && endpoint !== '';
  });
}

function isReadyForWorkloads(volume: Volume): boolean {
  const scheduled = conditionOf(volume.status?.conditions, 'Scheduled')?.status === 'True';
  // What the clone itself attached must be let go first. Source: longhorn-manager:types/volumes.go IsVolumeReady@v1.12.1.
  const leaving = (volume.spec.nodeID ?? '') === '' && volume.status?.state !== 'detached';
  if (sourceOf(volume) !== undefined && (leaving || !isDataComplete(volume))) return false;
  return scheduled && volume.status?.robustness !== 'faulted';
}

async function unpublish(cluster: LonghornCluster, handle: string, node: string): Promise<void> {
  const id = csiTicketName(handle, node);
  if (cluster.attachments.get(handle) === undefined) return;
  cluster.attachments.change(handle, (draft) => {
    const { [id]: _gone, ...rest } = draft.spec.attachmentTickets;
    draft.spec.attachmentTickets = rest;
  });
  await until(cluster, handle, `unpublished from node ${node}`, (volume) => {
    if (volume === undefined) return true;
    const here = volume.status?.currentNodeID === node || volume.spec.nodeID === node;
    const ticket = cluster.attachments.get(handle)?.status?.attachmentTicketStatuses[id];
    // Another ticket may keep the volume on this node.
    const wanted = Object.values(cluster.attachments.get(handle)?.spec.attachmentTickets ?? {});
    return ticket === undefined && (!here || wanted.some((other) => other.nodeID === node));
  });
}

/** Looks every 2 s for 90 s, as the plugin does; the sidecar then tries again. */
async function until(
  cluster: LonghornCluster,
  handle: string,
  what: string,
  isDone: (volume: Volume | undefined) => boolean,
): Promise<void> {
  for (let waited = 0; waited < timeoutSeconds; waited += pollSeconds) {
    if (isDone(cluster.volumes.get(handle))) return;
    await cluster.clock.sleep(pollSeconds, cluster.signal);
  }
  if (isDone(cluster.volumes.get(handle))) return;
  const state = cluster.volumes.get(handle)?.status?.state ?? 'absent';
  throw new Error(`rpc error: code = DeadlineExceeded desc = volume ${handle} failed to be ${what}, it is ${state}`);
}
