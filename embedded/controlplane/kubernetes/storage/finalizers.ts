import type { KubeObject } from '../../../apiserver/store.ts';

export const claimProtection = 'kubernetes.io/pvc-protection';
export const volumeProtection = 'kubernetes.io/pv-protection';
/** Set by csi-provisioner ≥ 5: the volume behind a PersistentVolume is deleted before the object goes. */
export const provisionerFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer';

export function attacherFinalizer(driver: string): string {
  return `external-attacher/${driver.replaceAll('.', '-')}`;
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

export function addFinalizer(draft: KubeObject, finalizer: string): void {
  if (!hasFinalizer(draft, finalizer)) {
    draft.metadata.finalizers = [...(draft.metadata.finalizers ?? []), finalizer];
  }
}

export function removeFinalizer(draft: KubeObject, finalizer: string): void {
  draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((other) => other !== finalizer);
  if (draft.metadata.finalizers.length === 0) {
    delete draft.metadata.finalizers;
  }
}
