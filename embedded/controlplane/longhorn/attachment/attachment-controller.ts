import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { withCondition } from '../model/condition.ts';
import { isTerminating } from '../model/replica.ts';
import type { AttachmentTicket, Volume, VolumeAttachment } from '../model/volume.ts';
import {
  chooseTicket,
  isCompatible,
  isInterruptible,
  isWorkload,
  ticketsOf,
  wantsFrontendDisabled,
} from './tickets.ts';

/**
 * Turns tickets into the volume's node, and the volume's state into the tickets' satisfaction.
 * Source: longhorn-manager:controller/volume_attachment_controller.go@v1.11.3.
 */
export function startAttachmentController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const controller = createController({
    name: 'longhorn-volume-attachment',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync(name) {
      syncAttachment(cluster, name);
    },
  });
  for (const resource of [cluster.attachments.resource, cluster.volumes.resource]) {
    cluster.store.watch(resource, (event) => {
      controller.enqueue(event.object.metadata.name);
    });
  }
  return controller;
}

function syncAttachment(cluster: LonghornCluster, name: string): void {
  const attachment = cluster.attachments.get(name);
  if (attachment === undefined) return;
  if (isTerminating(attachment)) {
    cluster.attachments.removeFinalizer(name);
    return;
  }
  if (attachment.status === undefined) {
    cluster.attachments.changeStatus(name, (draft) => {
      draft.status = { attachmentTicketStatuses: {} };
    });
  }
  const volume = cluster.volumes.get(attachment.spec.volume);
  if (volume?.status === undefined || isTerminating(volume)) return;
  moveVolume(cluster, volume, Object.values(ticketsOf(attachment)));
  reportTickets(cluster, attachment);
}

function moveVolume(cluster: LonghornCluster, volume: Volume, tickets: readonly AttachmentTicket[]): void {
  const node = volume.spec.nodeID ?? '';
  const name = volume.metadata.name;
  if (node !== '') {
    if (shouldDetach(cluster, volume, tickets)) {
      cluster.volumes.change(name, (draft) => {
        draft.spec.nodeID = '';
        draft.spec.disableFrontend = false;
        draft.spec.lastAttachedBy = '';
      });
    }
    return;
  }
  const { status } = volume;
  const detached = status?.state === 'detached' && status.currentNodeID === '';
  const ticket = chooseTicket(tickets);
  if (!detached || status.robustness === 'faulted' || ticket === undefined) return;
  cluster.volumes.change(name, (draft) => {
    draft.spec.nodeID = ticket.nodeID;
    draft.spec.disableFrontend = wantsFrontendDisabled(ticket);
    draft.spec.lastAttachedBy = ticket.parameters?.['lastAttachedBy'] ?? '';
  });
}

/** Nobody wants the volume here any more, or only somebody who gives way to a workload elsewhere. */
function shouldDetach(cluster: LonghornCluster, volume: Volume, tickets: readonly AttachmentTicket[]): boolean {
  // It is salvaged, or simply attached again, once it is detached.
  if (volume.status?.robustness === 'faulted') return true;
  const isHere = (ticket: AttachmentTicket): boolean => ticket.nodeID === volume.spec.nodeID;
  const here = tickets.filter((ticket) => isHere(ticket) && isCompatible(volume, ticket));
  if (!here.every((ticket) => isInterruptible(cluster.profile.version, volume, ticket))) return false;
  return here.length === 0 || tickets.some((ticket) => !isHere(ticket) && isWorkload(ticket));
}

function reportTickets(cluster: LonghornCluster, attachment: VolumeAttachment): void {
  const volume = cluster.volumes.get(attachment.spec.volume);
  cluster.attachments.changeStatus(attachment.metadata.name, (draft) => {
    const before = draft.status?.attachmentTicketStatuses ?? {};
    const after: typeof before = {};
    for (const ticket of Object.values(ticketsOf(draft))) {
      const obstacle = volume === undefined ? {} : obstacleTo(volume, ticket);
      const satisfied = obstacle === undefined;
      after[ticket.id] = {
        id: ticket.id,
        satisfied,
        generation: ticket.generation ?? 0,
        conditions: withCondition(before[ticket.id]?.conditions, {
          type: 'Satisfied',
          status: satisfied ? 'True' : 'False',
          now: cluster.clock.timestamp(),
          ...obstacle,
        }),
      };
    }
    draft.status = { attachmentTicketStatuses: after };
  });
}

/** Why a ticket is not satisfied; undefined when it is. */
function obstacleTo(volume: Volume, ticket: AttachmentTicket): { reason?: string; message?: string } | undefined {
  const { metadata, status } = volume;
  const current = status?.currentNodeID ?? '';
  if (current === '' || status?.state !== 'attached') return {};
  // The blank at the end is Longhorn's.
  if (ticket.nodeID !== current) return { message: `the volume is currently attached to different node ${current} ` };
  if (isCompatible(volume, ticket)) return undefined;
  const message = `volume ${metadata.name} has already attached to node ${current} with incompatible parameters`;
  return { reason: 'AttachedWithIncompatibleParameters', message };
}
