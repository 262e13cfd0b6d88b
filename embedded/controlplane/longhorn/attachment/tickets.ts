import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornVersion } from '../../../versions/profile.ts';
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

/**
 * Whether the ticket gives way to a workload on another node.
 * Source: longhorn-manager:controller/volume_attachment_controller.go hasUninterruptibleTicket@v1.8.0, v1.9.2, v1.10.0, v1.12.1.
 */
export function isInterruptible(version: LonghornVersion, volume: Volume, { type }: AttachmentTicket): boolean {
  switch (type) {
    case 'snapshot-controller':
    case 'backup-controller':
      return true;
    case 'volume-rebuilding-controller':
      return isInVersionRange(version, '..1.8.2');
    case 'volume-clone-controller':
      return volume.status?.cloneStatus.state === 'copy-completed-awaiting-healthy';
    default:
      return false;
  }
}

/** Somebody who uses the volume, not Longhorn for its own ends. */
export function isWorkload({ type }: AttachmentTicket): boolean {
  return type === 'csi-attacher' || type === 'longhorn-api' || type === 'share-manager-controller';
}

export function chooseTicket(tickets: readonly AttachmentTicket[]): AttachmentTicket | undefined {
  return [...tickets].sort((left, right) => priorityOf(right) - priorityOf(left) || (left.id < right.id ? -1 : 1))[0];
}

export function wantsFrontendDisabled(ticket: AttachmentTicket): boolean {
  return ticket.parameters?.['disableFrontend'] === 'true';
}

/** Whether the volume, attached as it is, serves the ticket: any other word than these two is served by both. */
export function isCompatible(volume: Volume, ticket: AttachmentTicket): boolean {
  const asked = ticket.parameters?.['disableFrontend'] ?? 'false';
  const disabled = volume.spec.disableFrontend ?? false;
  return asked === 'false' ? !disabled : asked !== 'true' || disabled;
}

/** By id; an attachment that people made may have none. */
export function ticketsOf(attachment: VolumeAttachment): Record<string, AttachmentTicket> {
  return attachment.spec.attachmentTickets ?? {};
}
