import type { KubeObject } from '../../../apiserver/store.ts';
import { createController } from '../cluster/controller.ts';
import type { Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { csiDriverName } from '../cluster/names.ts';
import type { KubernetesStatus } from '../model/volume.ts';

interface PersistentVolume extends KubeObject {
  spec: {
    csi?: { driver: string; volumeHandle: string };
    claimRef?: { namespace: string; name: string };
  };
  status?: { phase?: string };
}

/**
 * Shows on the volume which PV, PVC and pods use it.
 * Source: longhorn-manager:controller/kubernetes_pv_controller.go@v1.11.3.
 */
export function startKubernetesStatusController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const controller = createController({
    name: 'longhorn-kubernetes-pv',
    clock: cluster.clock,
    signal: cluster.signal,
    onError,
    sync(name) {
      const volume = cluster.volumes.get(name);
      if (volume?.status === undefined) return;
      const status = kubernetesStatus(cluster, name, volume.status.kubernetesStatus);
      cluster.volumes.changeStatus(name, (draft) => {
        if (draft.status !== undefined) draft.status.kubernetesStatus = status;
      });
    },
  });
  const enqueue = (object: KubeObject): void => {
    const handle = handleOf(object as PersistentVolume);
    if (handle !== undefined) controller.enqueue(handle);
  };
  cluster.store.watch('persistentvolumes', (event) => {
    enqueue(event.object);
  });
  cluster.store.watch('pods', (event) => {
    const claims = claimsOf(event.object);
    for (const volume of cluster.store.list('persistentvolumes') as readonly PersistentVolume[]) {
      const claim = volume.spec.claimRef;
      if (claim?.namespace === event.object.metadata.namespace && claims.includes(claim?.name ?? '')) enqueue(volume);
    }
  });
  return controller;
}

function handleOf(volume: PersistentVolume): string | undefined {
  return volume.spec.csi?.driver === csiDriverName ? volume.spec.csi.volumeHandle : undefined;
}

function claimsOf(pod: KubeObject): string[] {
  const volumes =
    (pod.spec as { volumes?: { persistentVolumeClaim?: { claimName: string } }[] } | undefined)?.volumes ?? [];
  return volumes.flatMap((volume) =>
    volume.persistentVolumeClaim === undefined ? [] : [volume.persistentVolumeClaim.claimName],
  );
}

function kubernetesStatus(cluster: LonghornCluster, handle: string, before: KubernetesStatus): KubernetesStatus {
  const volumes = cluster.store.list('persistentvolumes') as readonly PersistentVolume[];
  const volume = volumes.find((candidate) => handleOf(candidate) === handle);
  const now = cluster.clock.timestamp();
  if (volume === undefined) return { ...before, pvName: '', pvStatus: '', workloadsStatus: null };
  const claim = volume.spec.claimRef;
  const phase = volume.status?.phase ?? '';
  const pods = claim === undefined ? [] : podsOf(cluster, claim);
  const bound = phase === 'Bound';
  return {
    pvName: volume.metadata.name,
    pvStatus: phase,
    namespace: claim?.namespace ?? before.namespace,
    pvcName: claim?.name ?? before.pvcName,
    lastPVCRefAt: bound ? '' : before.lastPVCRefAt === '' ? now : before.lastPVCRefAt,
    lastPodRefAt: pods.length > 0 ? '' : before.workloadsStatus === null ? before.lastPodRefAt : now,
    workloadsStatus: pods.length === 0 ? null : pods,
  };
}

function podsOf(
  cluster: LonghornCluster,
  claim: { namespace: string; name: string },
): NonNullable<KubernetesStatus['workloadsStatus']> {
  return cluster.store
    .list('pods', { namespace: claim.namespace })
    .filter((pod) => claimsOf(pod).includes(claim.name))
    .map((pod) => ({
      podName: pod.metadata.name,
      podStatus: (pod.status as { phase?: string } | undefined)?.phase ?? '',
      workloadName: pod.metadata.ownerReferences?.[0]?.name ?? '',
      workloadType: pod.metadata.ownerReferences?.[0]?.kind ?? '',
    }));
}
