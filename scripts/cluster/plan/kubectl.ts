import type { ClusterRequest } from '../request.ts';

/** Which cluster: everything printed or run names it. */
export type ClusterTarget = Pick<ClusterRequest, 'context' | 'kubeconfig'>;

/** A kubectl command on that cluster. */
export function kubectl({ context, kubeconfig }: ClusterTarget, args: readonly string[]): string[] {
  return ['kubectl', ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]), '--context', context, ...args];
}
