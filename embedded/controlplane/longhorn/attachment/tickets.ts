import type { AttachmentTicket, Volume, VolumeAttachment } from '../model/volume.ts';

/** Who wins when tickets name different nodes. Source: longhorn-facts §1.10. */
const priorities: Readonly<Record<string, number>> = {
  'volume-restore-controller': 2000,
  'volume-expansion-controller': 2000,
  'longhorn-api': 1000,
  'csi-attacher': 900,
  'salvage-controller': 900,
  'share-manager-controller': 900,
  'snapshot-controller': 800,
  'backup-controller': 800,
  'volume-clone-controller': 800,
  'volume-eviction-controller': 800,
  'bim-ds-controller': 800,
  'volume-rebuilding-controller': 800,
};

function priorityOf(ticket: AttachmentTicket): number {
  return priorities[ticket.type] ?? 0;
}

/** Tickets of the lowest rank give way to a workload. */
export function isInterruptible(ticket: AttachmentTicket): boolean {
  return priorityOf(ticket) === 800;
}

export function chooseTicket(tickets: readonly AttachmentTicket[]): AttachmentTicket | undefined {
  return [...tickets].sort(
    (left, right) => priorityOf(right) - priorityOf(left) || (left.id < right.id ? -1 : 1),
  )[0];
}

export function wantsFrontendDisabled(ticket: AttachmentTicket): boolean {
  return ticket.parameters?.['disableFrontend'] === 'true';
}

/** Whether the volume, attached as it is, serves the ticket. */
export function isCompatible(volume: Volume, ticket: AttachmentTicket): boolean {
  const asked = ticket.parameters?.['disableFrontend'];
  return asked === 'any' || (volume.spec.disableFrontend ?? false) === (asked === 'true');
}

/** By id; an attachment that people made may have none. */
export function ticketsOf(attachment: VolumeAttachment): Record<string, AttachmentTicket> {
  return (attachment.spec.attachmentTickets) ?? {};
}
