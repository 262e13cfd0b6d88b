import type { Pod } from '../objects/pod.ts';
import type { ChangeSignal } from './change-signal.ts';
import { mountVolumes, type VolumeTargets } from './pod-volumes.ts';
import { podEvent, type KubeletServices } from './services.ts';

/** Cluster seconds between two reports of the same mount failure. */
const mountRetrySeconds = 10;

/** Mounts a pod's volumes, again whenever something changed on which they depend. @throws the signal's reason */
export async function waitForVolumes(options: {
  services: KubeletServices;
  /** The pod's own. */
  directory: string;
  dependencies: ChangeSignal;
  /** The pod as it is now. */
  pod: () => Pod;
  signal: AbortSignal;
}): Promise<VolumeTargets> {
  const { services, directory, dependencies, pod, signal } = options;
  const { context, clusterDirectory } = services;
  for (;;) {
    signal.throwIfAborted();
    const changed = dependencies.next();
    const attempt = await mountVolumes({ context, directory, clusterDirectory }, pod());
    if (attempt.kind === 'ready') {
      return attempt.targets;
    }
    for (const message of attempt.failures) {
      podEvent(services, pod(), { type: 'Warning', reason: 'FailedMount', message });
    }
    const retry = new AbortController();
    const timer = context.clock.sleep(mountRetrySeconds, AbortSignal.any([retry.signal, signal]));
    await Promise.race([timer, changed]).finally(() => {
      timer.catch(() => undefined);
      retry.abort(new Error('Something changed first.'));
    });
  }
}

/** Says of each block volume that the pod has its device. */
export function reportDevices(services: KubeletServices, pod: Pod, targets: VolumeTargets): void {
  for (const volume of pod.spec.volumes ?? []) {
    if (targets.get(volume.name)?.kind === 'device') {
      const claimName = volume.persistentVolumeClaim?.claimName ?? '';
      const name = services.context.resources.claims.get(claimName, pod.metadata.namespace)?.spec.volumeName ?? '';
      const path = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumeDevices/kubernetes.io~csi`;
      const message = `MapVolume.MapPodDevice succeeded for volume "${name}" volumeMapPath "${path}"`;
      podEvent(services, pod, { type: 'Normal', reason: 'SuccessfulMountVolume', message });
    }
  }
}
