import type { ClusterContext, Controller } from '../context.ts';
import type { PersistentVolume } from '../objects/storage.ts';
import { createReconcileQueue, RetryLater } from '../reconcile-queue.ts';
import { addFinalizer, hasFinalizer, provisionerFinalizer, removeFinalizer, volumeProtection } from './finalizers.ts';
import { sidecarBackoffSeconds } from './provisioner.ts';
import { isClaimedBy } from './volume-match.ts';

/**
 * The life of PersistentVolumes after and without a claim: phases, protection while in use, and deletion through the
 * CSI driver when the claim is gone and the policy says so.
 */
export function startVolumeReclaimer(context: ClusterContext): Controller {
  const { resources, events, clock, signal, csi } = context;
  const { claims, volumes, attachments } = resources;
  const backoffSeconds = sidecarBackoffSeconds;
  const queue = createReconcileQueue({ name: 'persistentvolume-controller', clock, signal, reconcile, backoffSeconds });

  function setPhase(volume: PersistentVolume, phase: 'Available' | 'Released'): void {
    volumes.editStatus(volume, (draft) => {
      if (draft.status?.phase !== phase) {
        draft.status = { phase, lastPhaseTransitionTime: clock.timestamp() };
      }
    });
  }

  /** Whether the claim that the volume was bound to still exists. */
  function isClaimed(volume: PersistentVolume): boolean {
    const reference = volume.spec.claimRef;
    const claim = reference === undefined ? undefined : claims.get(reference.name, reference.namespace);
    return claim !== undefined && isClaimedBy(volume, claim);
  }

  function isAttached(volume: PersistentVolume): string | undefined {
    return attachments.list().find(({ spec }) => spec.source.persistentVolumeName === volume.metadata.name)?.spec
      .nodeName;
  }

  async function deleteBehind(volume: PersistentVolume): Promise<void> {
    const driver = csi.get(volume.spec.csi?.driver ?? '');
    if (driver === undefined) {
      return;
    }
    try {
      const nodeName = isAttached(volume);
      if (nodeName !== undefined) {
        throw new Error(`persistentvolume ${volume.metadata.name} is still attached to node ${nodeName}`);
      }
      await driver.deleteVolume(volume.spec.csi?.volumeHandle ?? '');
    } catch (error) {
      const { message } = error as Error;
      const component = `${driver.name}_csi-provisioner-embedded`;
      events.record({ object: volume, type: 'Warning', reason: 'VolumeFailedDelete', message, component });
      throw new RetryLater(message, { cause: error });
    }
    volumes.delete(volume);
    volumes.edit(volume, (draft) => {
      removeFinalizer(draft, provisionerFinalizer);
    });
  }

  async function reconcile(name: string): Promise<void> {
    const volume = volumes.get(name);
    if (volume === undefined) {
      return;
    }
    const deleting = volume.metadata.deletionTimestamp !== undefined;
    if (!deleting && !hasFinalizer(volume, volumeProtection)) {
      volumes.edit(volume, (draft) => {
        addFinalizer(draft, volumeProtection);
      });
    }
    if (isClaimed(volume)) {
      return;
    }
    const wasBound = volume.spec.claimRef?.uid !== undefined;
    if (!deleting || wasBound) {
      setPhase(volume, wasBound ? 'Released' : 'Available');
    }
    const reclaims = volume.spec.persistentVolumeReclaimPolicy === 'Delete';
    if (wasBound && reclaims && (!deleting || hasFinalizer(volume, provisionerFinalizer))) {
      await deleteBehind(volume);
    }
    const current = volumes.get(name);
    if (current?.metadata.deletionTimestamp !== undefined) {
      volumes.edit(current, (draft) => {
        removeFinalizer(draft, volumeProtection);
        if (!reclaims) {
          removeFinalizer(draft, provisionerFinalizer);
        }
      });
    }
  }

  const addAll = (): void => volumes.list().forEach((volume) => queue.add(volume.metadata.name));
  volumes.watch(({ object }) => queue.add(object.metadata.name));
  claims.watch(({ type, object }) => {
    if (type === 'DELETED' && object.spec.volumeName !== undefined) {
      queue.add(object.spec.volumeName);
    } else if (type === 'DELETED') {
      queue.add(`pvc-${object.metadata.uid}`);
    }
  });
  attachments.watch(({ type, object }) => {
    if (type === 'DELETED') {
      queue.add(object.spec.source.persistentVolumeName ?? '');
    }
  });
  csi.onRegister(addAll);
  addAll();
  return { idle: () => queue.idle() };
}
