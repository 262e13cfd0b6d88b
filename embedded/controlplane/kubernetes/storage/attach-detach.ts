import type { ClusterContext, Controller } from '../context.ts';
import { claimNames, isTerminated, type Pod } from '../objects/pod.ts';
import type { PersistentVolume, VolumeAttachment } from '../objects/storage.ts';
import { createReconcileQueue } from '../reconcile-queue.ts';
import { attachmentName, uniqueVolumeName } from './names.ts';

const component = 'attachdetach-controller';

interface Need {
  volume: PersistentVolume;
  nodeName: string;
  pods: Pod[];
}

/**
 * Decides which volume must be attached to which node: VolumeAttachments are created for pods and deleted when no pod
 * of the node needs them and the kubelet has let go (kubernetes:pkg/controller/volume/attachdetach).
 */
export function startAttachDetach(context: ClusterContext): Controller {
  const { resources, events, clock, signal, csi } = context;
  const { pods, claims, volumes, attachments, nodes } = resources;
  const queue = createReconcileQueue({ name: component, clock, signal, reconcile });
  const reported = new Set<string>();

  function needs(): Map<string, Need> {
    const found = new Map<string, Need>();
    for (const pod of pods.list()) {
      const { nodeName } = pod.spec;
      if (nodeName === undefined || isTerminated(pod)) {
        continue;
      }
      for (const claimName of claimNames(pod)) {
        const claim = claims.get(claimName, pod.metadata.namespace);
        const volume = claim?.status?.phase === 'Bound' ? volumes.get(claim.spec.volumeName ?? '') : undefined;
        if (volume?.spec.csi === undefined) {
          continue;
        }
        const name = attachmentName({ ...volume.spec.csi, nodeName });
        const need = found.get(name) ?? { volume, nodeName, pods: [] };
        need.pods.push(pod);
        found.set(name, need);
      }
    }
    return found;
  }

  function report(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    events.record({ object: pod, type, reason, message, component });
  }

  /** The other attachment that keeps a volume of one node at a time from being attached here. */
  function conflicting(need: Need): VolumeAttachment | undefined {
    const shared = need.volume.spec.accessModes?.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
    return shared === true
      ? undefined
      : attachments
          .list()
          .find(
            ({ spec }) =>
              spec.source.persistentVolumeName === need.volume.metadata.name && spec.nodeName !== need.nodeName,
          );
  }

  function attach(name: string, need: Need, all: ReadonlyMap<string, Need>): void {
    const waiting = need.pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
    if (waiting.length === 0) {
      return;
    }
    const volumeName = need.volume.metadata.name;
    const other = conflicting(need);
    if (other === undefined) {
      attachments.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name },
        spec: {
          attacher: need.volume.spec.csi?.driver,
          nodeName: need.nodeName,
          source: { persistentVolumeName: volumeName },
        },
        status: { attached: false },
      });
      return;
    }
    const users = all.get(other.metadata.name)?.pods.map((pod) => pod.metadata.name) ?? [];
    const why =
      users.length > 0
        ? `Volume is already used by pod(s) ${users.join(', ')}`
        : "Volume is already exclusively attached to one node and can't be attached to another";
    for (const pod of waiting) {
      const key = `${pod.metadata.uid} multi-attach ${other.metadata.uid}`;
      if (!reported.has(key)) {
        reported.add(key);
        report(pod, 'Warning', 'FailedAttachVolume', `Multi-Attach error for volume "${volumeName}" ${why}`);
      }
    }
  }

  function reportOutcome(attachment: VolumeAttachment, need: Need): void {
    const volumeName = need.volume.metadata.name;
    const { attached = false, attachError } = attachment.status ?? {};
    for (const pod of need.pods) {
      const key = `${pod.metadata.uid} ${attachment.metadata.uid} ${attached ? 'attached' : `${attachError?.time} ${attachError?.message}`}`;
      if (reported.has(key) || (!attached && attachError === undefined)) {
        continue;
      }
      reported.add(key);
      if (attached) {
        report(pod, 'Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume "${volumeName}" `);
      } else {
        report(
          pod,
          'Warning',
          'FailedAttachVolume',
          `AttachVolume.Attach failed for volume "${volumeName}" : ${attachError?.message}`,
        );
      }
    }
  }

  function publishAttached(): void {
    for (const node of nodes.list()) {
      const names = attachments.list().flatMap(({ spec, status }) => {
        const volume = volumes.get(spec.source.persistentVolumeName ?? '');
        return spec.nodeName === node.metadata.name && status?.attached === true && volume !== undefined
          ? [uniqueVolumeName(volume)]
          : [];
      });
      nodes.editStatus(node, (draft) => {
        const { volumesAttached: _, ...rest } = draft.status ?? {};
        const volumesAttached = names.map((name) => ({ name, devicePath: '' }));
        draft.status = names.length === 0 ? rest : { ...rest, volumesAttached };
      });
    }
  }

  function inUse(attachment: VolumeAttachment): boolean {
    const volume = volumes.get(attachment.spec.source.persistentVolumeName ?? '');
    const used = nodes.get(attachment.spec.nodeName)?.status?.volumesInUse ?? [];
    return volume !== undefined && used.includes(uniqueVolumeName(volume));
  }

  function reconcile(): void {
    const needed = needs();
    for (const attachment of attachments.list()) {
      const need = needed.get(attachment.metadata.name);
      if (need !== undefined) {
        reportOutcome(attachment, need);
      } else if (
        csi.get(attachment.spec.attacher) !== undefined &&
        attachment.metadata.deletionTimestamp === undefined &&
        !inUse(attachment)
      ) {
        attachments.delete(attachment);
      }
    }
    for (const [name, need] of needed) {
      if (attachments.get(name) === undefined) {
        attach(name, need, needed);
      }
    }
    publishAttached();
  }

  for (const dependency of [pods, claims, volumes, attachments, nodes]) {
    dependency.watch(() => queue.add('all'));
  }
  queue.add('all');
  return { idle: () => queue.idle() };
}
