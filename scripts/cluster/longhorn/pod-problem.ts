import type { Pod } from '../../../helpers/kubernetes/core-kinds.ts';

/** Reasons of a container that waits for what comes by itself. kubernetes:pkg/kubelet/kubelet_pods.go */
const usualWaits = ['', 'ContainerCreating', 'PodInitializing'];

/** What keeps a pod from running, in the words of the scheduler or the kubelet: no node, no image, one crash after another. */
export function podProblem({ metadata, status }: Pod): string | undefined {
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  if (unscheduled !== undefined) return `${metadata.name}: ${unscheduled.reason ?? ''}: ${unscheduled.message ?? ''}`;
  const waits = status?.containerStatuses?.flatMap(({ state }) =>
    state?.waiting === undefined ? [] : [state.waiting],
  );
  const wait = waits?.find(({ reason = '' }) => !usualWaits.includes(reason));
  return wait === undefined ? undefined : `${metadata.name}: ${wait.reason ?? ''}: ${wait.message ?? ''}`;
}
