import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { isTerminating } from '../model/replica.ts';
import type { Volume } from '../model/volume.ts';

const ticketType = 'volume-expansion-controller';

/**
 * Keeps a volume attached while it must be expanded: a detached one is attached for it and let go again.
 * Source: longhorn-manager:controller/volume_expansion_controller.go@v1.11.3.
 */
export function startExpansionController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const controller = createController({
    name: 'longhorn-volume-expansion',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync(name) {
      const volume = cluster.volumes.get(name);
      if (volume?.status !== undefined && !isTerminating(volume)) setTicket(cluster, volume);
    },
  });
  cluster.store.watch(cluster.volumes.resource, (event) => {
    controller.enqueue(event.object.metadata.name);
  });
  return controller;
}

function setTicket(cluster: LonghornCluster, { metadata, status }: Volume): void {
  const { name } = metadata;
  const id = `${ticketType}-${name}`;
  const attachment = cluster.attachments.get(name);
  const present = attachment?.spec.attachmentTickets[id] !== undefined;
  const wanted = status?.expansionRequired === true;
  if (attachment === undefined || present === wanted) return;
  cluster.attachments.change(name, (draft) => {
    const { [id]: _gone, ...rest } = draft.spec.attachmentTickets;
    const nodeID = status?.ownerID ?? '';
    const ticket = { id, type: ticketType, nodeID, parameters: { disableFrontend: 'false' }, generation: 0 };
    draft.spec.attachmentTickets = wanted ? { ...rest, [id]: ticket } : rest;
  });
}
