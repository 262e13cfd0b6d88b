import type { ClusterContext, Controller } from '../context.ts';
import type { VolumeAttachment } from '../objects/storage.ts';
import { createReconcileQueue, RetryLater } from '../reconcile-queue.ts';
import { addFinalizer, attacherFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts';
import { sidecarBackoffSeconds } from './provisioner.ts';

const nodeId = 'csi.alpha.kubernetes.io/node-id';

/** What the csi-attacher sidecar does: ControllerPublish and Unpublish for VolumeAttachments. */
export function startAttacher(context: ClusterContext): Controller {
  const { resources, clock, signal, csi } = context;
  const { attachments, volumes } = resources;
  const backoffSeconds = sidecarBackoffSeconds;
  const queue = createReconcileQueue({ name: 'csi-attacher', clock, signal, reconcile, backoffSeconds });

  function fail(attachment: VolumeAttachment, field: 'attachError' | 'detachError', error: unknown): never {
    const { message } = error as Error;
    attachments.editStatus(attachment, (draft) => {
      draft.status = { attached: false, ...draft.status, [field]: { time: clock.timestamp(), message } };
    });
    throw new RetryLater(message, { cause: error });
  }

  async function attach(attachment: VolumeAttachment): Promise<void> {
    const { attacher, nodeName, source } = attachment.spec;
    const volume = volumes.get(source.persistentVolumeName ?? '');
    const finalizer = attacherFinalizer(attacher);
    attachments.edit(attachment, (draft) => {
      addFinalizer(draft, finalizer);
      draft.metadata.annotations = { ...draft.metadata.annotations, [nodeId]: nodeName };
    });
    try {
      if (volume?.spec.csi === undefined) {
        throw new Error(`persistentvolume "${source.persistentVolumeName ?? ''}" not found`);
      }
      volumes.edit(volume, (draft) => {
        addFinalizer(draft, finalizer);
      });
      await csi.get(attacher)?.controllerPublish(volume.spec.csi.volumeHandle, nodeName);
    } catch (error) {
      fail(attachment, 'attachError', error);
    }
    attachments.editStatus(attachment, (draft) => {
      draft.status = { attached: true };
    });
  }

  async function detach(attachment: VolumeAttachment): Promise<void> {
    const { attacher, nodeName, source } = attachment.spec;
    const finalizer = attacherFinalizer(attacher);
    const volume = volumes.get(source.persistentVolumeName ?? '');
    try {
      if (volume?.spec.csi !== undefined) {
        await csi.get(attacher)?.controllerUnpublish(volume.spec.csi.volumeHandle, nodeName);
      }
    } catch (error) {
      fail(attachment, 'detachError', error);
    }
    attachments.editStatus(attachment, (draft) => {
      draft.status = { attached: false };
    });
    attachments.edit(attachment, (draft) => {
      removeFinalizer(draft, finalizer);
    });
    const others = attachments
      .list()
      .some(
        ({ spec, metadata }) =>
          spec.source.persistentVolumeName === source.persistentVolumeName && metadata.uid !== attachment.metadata.uid,
      );
    if (volume !== undefined && !others) {
      volumes.edit(volume, (draft) => {
        removeFinalizer(draft, finalizer);
      });
    }
  }

  async function reconcile(name: string): Promise<void> {
    const attachment = attachments.get(name);
    if (attachment === undefined || csi.get(attachment.spec.attacher) === undefined) {
      return;
    }
    if (attachment.metadata.deletionTimestamp !== undefined) {
      if (hasFinalizer(attachment, attacherFinalizer(attachment.spec.attacher))) {
        await detach(attachment);
      }
    } else if (attachment.status?.attached !== true) {
      await attach(attachment);
    }
  }

  attachments.watch(({ object, previous }) => {
    // Its own notes of a failure must not cut the back-off short.
    const news = previous === undefined || previous.metadata.deletionTimestamp !== object.metadata.deletionTimestamp;
    if (news) {
      queue.add(object.metadata.name);
    }
  });
  csi.onRegister(() => attachments.list().forEach(({ metadata }) => queue.add(metadata.name)));
  attachments.list().forEach(({ metadata }) => queue.add(metadata.name));
  return { idle: () => queue.idle() };
}
