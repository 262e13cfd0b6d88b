import type { ClusterContext } from '../context.ts';
import { claimNames, type Pod } from '../objects/pod.ts';
import { uniqueVolumeName } from '../storage/names.ts';

/** Node.status.volumesInUse: a volume named there is not detached, because a pod may still have it open. */
export interface VolumesInUse {
  /** From the moment a pod is accepted by its node, before its volumes are attached. */
  hold(pod: Pod): void;
  /** Once no process of the pod is left. */
  release(pod: Pod): void;
}

export function createVolumesInUse(context: ClusterContext): VolumesInUse {
  const { claims, volumes, nodes } = context.resources;
  const held = new Map<string, { nodeName: string; names: readonly string[] }>();

  function publish(nodeName: string): void {
    const node = nodes.get(nodeName);
    const names = new Set([...held.values()].flatMap((entry) => (entry.nodeName === nodeName ? entry.names : [])));
    if (node !== undefined) {
      nodes.editStatus(node, (draft) => {
        const { volumesInUse: _, ...rest } = draft.status ?? {};
        draft.status = names.size === 0 ? rest : { ...rest, volumesInUse: [...names].sort() };
      });
    }
  }

  return {
    hold(pod) {
      const nodeName = pod.spec.nodeName ?? '';
      const names = claimNames(pod).flatMap((name) => {
        const volume = volumes.get(claims.get(name, pod.metadata.namespace)?.spec.volumeName ?? '');
        return volume?.spec.csi === undefined ? [] : [uniqueVolumeName(volume)];
      });
      if (names.length > 0) {
        held.set(pod.metadata.uid, { nodeName, names });
        publish(nodeName);
      }
    },
    release(pod) {
      const entry = held.get(pod.metadata.uid);
      if (held.delete(pod.metadata.uid) && entry !== undefined) {
        publish(entry.nodeName);
      }
    },
  };
}
