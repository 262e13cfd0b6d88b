/** Why a V2 instance manager does not run, as far as Kubernetes tells. */
import type { KubernetesEvent } from '../kubernetes/core-kinds.ts';
import { isNewer } from '../kubernetes/resource-version.ts';
import type { InstanceManager } from './kinds.ts';

/**
 * For each V2 instance manager that does not run: its node, its state, and the last warning about its pod. Longhorn removes
 * a pod that the kubelet refuses (OutOfcpu) and makes it anew every few seconds, so mostly there is none to describe.
 */
export function instanceManagerTroubles(
  managers: readonly InstanceManager[],
  events: readonly KubernetesEvent[],
): readonly string[] {
  return managers
    .filter(({ spec, status }) => spec.dataEngine === 'v2' && status?.currentState !== 'running')
    .map(({ metadata, spec, status }) => {
      const warning = events
        .filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.name === metadata.name)
        .reduce<KubernetesEvent | undefined>((last, event) => {
          const newer = last === undefined || isNewer(event.metadata.resourceVersion, last.metadata.resourceVersion);
          return newer ? event : last;
        }, undefined);
      const why = warning === undefined ? '' : `, ${warning.reason ?? ''}: ${warning.message ?? ''}`;
      return `${spec.nodeID ?? metadata.name}: ${status?.currentState ?? 'no state yet'}${why}`;
    });
}
