import type { KubeObject } from '../../../apiserver/store.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import { ticketsOf } from '../attachment/tickets.ts';
import { isLinkedClone } from '../clone/linked-clone.ts';
import { ownerReference } from '../cluster/longhorn-cluster.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { labelKeys } from '../cluster/names.ts';
import type { AttachmentTicket, Snapshot, Volume, VolumeAttachment } from '../model/volume.ts';
import { hasEntrypoints } from './clone-rules.ts';
import { forbidden, invalid } from './denial.ts';
import { addLabels } from './webhook.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/snapshot@v1.8.0..v1.12.1. */
export const snapshotWebhook: Webhook<Snapshot> = {
  mutateCreate(cluster, snapshot) {
    adopt(cluster, snapshot, (snapshot.spec as Partial<Snapshot['spec']> | undefined)?.volume ?? '');
  },
  validateCreate(cluster, snapshot) {
    const volume = cluster.volumes.get(snapshot.spec.volume);
    const refused = isInVersionRange(cluster.profile.version, '1.10.0..1.12.0');
    if (refused && volume !== undefined && isLinkedClone(volume)) {
      throw invalid(`snapshot is not allowed for linked-clone volume ${snapshot.spec.volume}`);
    }
  },
  validateUpdate(_cluster, snapshot, old) {
    requireSameVolume(snapshot, old, 'snapshot OwnerReferences field is immutable');
  },
  validateDelete(cluster, snapshot) {
    if (!hasEntrypoints(cluster)) return;
    const { name } = snapshot.metadata;
    const clones = cluster.volumes
      .list({ [labelKeys.linkedCloneSourceSnapshot]: name })
      .map((clone) => clone.metadata.name)
      .sort();
    if (clones.length > 0) {
      throw forbidden(
        `cannot delete snapshot ${name}: it is the entrypoint for linked-clone volume(s): ${clones.join(', ')}`,
      );
    }
  },
};

/** Source: longhorn-manager:webhook/resources/volumeattachment@v1.8.0..v1.12.1. */
export const attachmentWebhook: Webhook<VolumeAttachment> = {
  mutateCreate(cluster, attachment) {
    adopt(cluster, attachment, (attachment.spec as Partial<VolumeAttachment['spec']> | undefined)?.volume ?? '');
  },
  mutateUpdate(_cluster, attachment, old) {
    attachment.spec.attachmentTickets = ticketsOf(attachment);
    countGenerations(attachment, old);
  },
  validateCreate(_cluster, attachment) {
    checkTicketIds(attachment);
  },
  validateUpdate(cluster, attachment, old) {
    requireSameVolume(attachment, old, "VolumeAttachment's OwnerReferences field is immutable");
    const name = attachment.spec.volume;
    const volume = cluster.volumes.get(name);
    if (volume === undefined) {
      const what = isInVersionRange(cluster.profile.version, '1.12.0..')
        ? 'validating volumeattachment update'
        : 'attachment';
      throw invalid(`failed to get volume ${name} for ${what}: volume.longhorn.io "${name}" not found`, 'spec.volume');
    }
    if (volume.spec.migratable === true && volume.spec.accessMode === 'rwx')
      checkMigration(cluster, attachment, volume);
    if (isInVersionRange(cluster.profile.version, '1.12.0..')) checkLocalTickets(cluster, attachment, volume);
    checkTicketIds(attachment);
  },
};

/** Children of a volume carry its label and name it as their owner. */
function adopt(cluster: LonghornCluster, child: KubeObject, volumeName: string): void {
  const volume = cluster.volumes.get(volumeName);
  if (volume === undefined) {
    throw invalid(
      `failed to get volume ${volumeName}: volume.longhorn.io "${volumeName}" not found`,
      'spec.Volume',
      'mutator',
    );
  }
  addLabels(child, { [labelKeys.volume]: volumeName });
  if ((child.metadata.ownerReferences ?? []).length === 0) child.metadata.ownerReferences = [ownerReference(volume)];
}

function requireSameVolume(child: Snapshot | VolumeAttachment, old: Snapshot | VolumeAttachment, owners: string): void {
  if (child.spec.volume !== old.spec.volume) throw invalid('spec.volume field is immutable', 'spec.volume');
  const ownersOf = (object: KubeObject): string => JSON.stringify(object.metadata.ownerReferences ?? []);
  if (ownersOf(old) !== '[]' && ownersOf(child) !== ownersOf(old)) throw invalid(owners, 'metadata.ownerReferences');
  const label = old.metadata.labels?.[labelKeys.volume];
  if (label !== undefined && child.metadata.labels?.[labelKeys.volume] !== label) {
    throw invalid(`label ${labelKeys.volume} is immutable`, 'metadata.labels');
  }
}

/** A ticket that is asked for anew, or changed, is told from the one before by its generation. */
function countGenerations(attachment: VolumeAttachment, old: VolumeAttachment): void {
  const before = ticketsOf(old);
  for (const [id, ticket] of Object.entries(ticketsOf(attachment))) {
    const known = before[id];
    const status = attachment.status?.attachmentTicketStatuses[id];
    if (known === undefined) {
      if (status !== undefined) ticket.generation = status.generation + 1;
    } else if (!isSameTicket(ticket, known)) {
      ticket.generation = (ticket.generation ?? 0) + 1;
    }
  }
}

/** An absent field is Go's zero value. */
function isSameTicket(one: AttachmentTicket, other: AttachmentTicket): boolean {
  const comparable = ({ id, type, nodeID, parameters, generation = 0 }: AttachmentTicket): unknown[] => [
    id,
    type,
    nodeID,
    generation,
    parameters === undefined,
    Object.entries(parameters ?? {}).sort(),
  ];
  return JSON.stringify(comparable(one)) === JSON.stringify(comparable(other));
}

function checkTicketIds(attachment: VolumeAttachment): void {
  for (const [key, ticket] of Object.entries(ticketsOf(attachment))) {
    const id = (ticket.id as string | undefined) ?? '';
    if (key !== id)
      throw invalid(`the attachmentTickets map contains inconsistent attachment ticket ID: ${key} vs ${id}`);
  }
}

/** How many nodes may have a volume that can migrate: counted by CSI tickets from 1.10.2 on. */
function checkMigration(cluster: LonghornCluster, attachment: VolumeAttachment, volume: Volume): void {
  const csiOnly = isInVersionRange(cluster.profile.version, '1.10.2..');
  const tickets = Object.values(ticketsOf(attachment)).filter(({ type }) => !csiOnly || type === 'csi-attacher');
  const { name } = volume.metadata;
  const state = volume.status?.state ?? '';
  if (tickets.length < 2 || (tickets.length === 2 && state === 'attached')) return;
  if (tickets.length === 2) {
    const words = csiOnly
      ? `have second CSI ticket for migratable volume ${name}`
      : `attach migratable volume ${name} to a second node`;
    throw invalid(`cannot ${words} while it is in state ${state}`, 'spec.attachmentTickets');
  }
  const words = csiOnly
    ? `have more than 2 CSI tickets for migratable volume ${name}`
    : `attach migratable volume ${name} to more than two nodes`;
  const printed = isInVersionRange(cluster.profile.version, '1.10.0..')
    ? `: ${JSON.stringify(ticketsOf(attachment))}`
    : '';
  throw invalid(`cannot ${words}${printed}`, 'spec.attachmentTickets');
}

/** A strict-local volume is attached where its replica is. */
function checkLocalTickets(cluster: LonghornCluster, attachment: VolumeAttachment, volume: Volume): void {
  if (volume.spec.dataLocality !== 'strict-local') return;
  const { name } = volume.metadata;
  const [replica, ...more] = cluster.replicasOf(name);
  if (replica === undefined || more.length > 0)
    throw invalid(`BUG: replica should be 1 for strict-local volume ${name}`, 'spec.volume');
  const home = replica.spec.nodeID;
  const words = `invalid VolumeAttachment update for volume ${name}: data locality strict-local requires the volume and replica to stay on the same node`;
  const refuse = (what: string, node: string): never => {
    throw invalid(`${words}, but ${what} is on node ${node} and replica is on node ${home}`, 'spec.attachmentTickets');
  };
  if (home === '') return;
  const node = volume.spec.nodeID ?? '';
  if (node !== '' && node !== home) refuse('volume', node);
  const elsewhere = Object.values(ticketsOf(attachment)).find(({ nodeID }) => nodeID !== '' && nodeID !== home);
  if (elsewhere !== undefined) refuse('ticket', elsewhere.nodeID);
}
