import { labelKeys } from '../cluster/names.ts';
import { ownerReference } from '../cluster/longhorn-cluster.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { KubeObject } from '../../../apiserver/store.ts';
import type { Snapshot, VolumeAttachment } from '../model/volume.ts';
import { forbidden, invalid } from './denial.ts';
import { addLabels } from './webhook.ts';
import type { Webhook } from './webhook.ts';

/** Source: longhorn-manager:webhook/resources/snapshot@v1.11.3, v1.12.1. */
export const snapshotWebhook: Webhook<Snapshot> = {
  mutateCreate(cluster, snapshot) {
    adopt(cluster, snapshot, (snapshot.spec as Partial<Snapshot['spec']> | undefined)?.volume ?? '');
  },
  validateCreate(_cluster, snapshot) {
    if (((snapshot.spec as Partial<Snapshot['spec']> | undefined)?.volume ?? '') === '') {
      throw invalid('spec.volume is required', 'spec.volume');
    }
  },
  validateUpdate(_cluster, snapshot, old) {
    requireSameVolume(snapshot, old, 'snapshot OwnerReferences field is immutable');
  },
  validateDelete(cluster, snapshot) {
    const { name } = snapshot.metadata;
    const clones = cluster.volumes.list({ [labelKeys.linkedCloneSourceSnapshot]: name }).map((clone) => clone.metadata.name).sort();
    if (clones.length > 0) {
      throw forbidden(`cannot delete snapshot ${name}: it is the entrypoint for linked-clone volume(s): ${clones.join(', ')}`);
    }
  },
};

/** Source: longhorn-manager:webhook/resources/volumeattachment@v1.11.3. */
export const attachmentWebhook: Webhook<VolumeAttachment> = {
  mutateCreate(cluster, attachment) {
    adopt(cluster, attachment, attachment.spec.volume);
    normalizeTickets(attachment);
  },
  mutateUpdate(_cluster, attachment) {
    normalizeTickets(attachment);
  },
  validateCreate(cluster, attachment) {
    validateTickets(cluster, attachment);
  },
  validateUpdate(cluster, attachment, old) {
    requireSameVolume(attachment, old, "VolumeAttachment's OwnerReferences field is immutable");
    validateTickets(cluster, attachment);
  },
};

/** Children of a volume carry its label and name it as their owner. */
function adopt(cluster: LonghornCluster, child: KubeObject, volumeName: string): void {
  const volume = cluster.volumes.get(volumeName);
  if (volume === undefined) {
    throw invalid(`failed to get volume ${volumeName}: volume.longhorn.io "${volumeName}" not found`, 'spec.Volume', 'mutator');
  }
  addLabels(child, { [labelKeys.volume]: volumeName });
  child.metadata.ownerReferences = [ownerReference(volume)];
}

function requireSameVolume(child: Snapshot | VolumeAttachment, old: Snapshot | VolumeAttachment, owners: string): void {
  if (child.spec.volume !== old.spec.volume) throw invalid('spec.volume field is immutable', 'spec.volume');
  const ownersOf = (object: KubeObject): string => JSON.stringify(object.metadata.ownerReferences ?? []);
  if (ownersOf(child) !== ownersOf(old)) throw invalid(owners, 'metadata.ownerReferences');
  if (child.metadata.labels?.[labelKeys.volume] !== old.metadata.labels?.[labelKeys.volume]) {
    throw invalid(`label ${labelKeys.volume} is immutable`, 'metadata.labels');
  }
}

function normalizeTickets(attachment: VolumeAttachment): void {
  for (const [key, ticket] of Object.entries(attachment.spec.attachmentTickets)) {
    const partial = ticket as Partial<typeof ticket>;
    attachment.spec.attachmentTickets[key] = { ...ticket, generation: partial.generation ?? 0, parameters: partial.parameters ?? {} };
  }
}

function validateTickets(cluster: LonghornCluster, attachment: VolumeAttachment): void {
  for (const [key, ticket] of Object.entries(attachment.spec.attachmentTickets)) {
    if (key !== ticket.id) {
      throw invalid(`the attachmentTickets map contains inconsistent attachment ticket ID: ${key} vs ${ticket.id}`);
    }
    if (cluster.nodes.get(ticket.nodeID) === undefined) {
      throw invalid(`node.longhorn.io "${ticket.nodeID}" not found`, 'spec.attachmentTickets');
    }
  }
}
