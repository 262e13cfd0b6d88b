import { commandLine } from './script.ts';
import type { ClusterRequest } from '../request.ts';

/** Which cluster: everything printed or run names it. */
export type ClusterTarget = Pick<ClusterRequest, 'context' | 'kubeconfig'>;

/** A kubectl command on that cluster. */
export function kubectl({ context, kubeconfig }: ClusterTarget, args: readonly string[]): string[] {
  return ['kubectl', ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]), '--context', context, ...args];
}

/** Shell that succeeds when a command prints that many lines of that form, which is a basic regular expression. */
export function atLeast(count: number, seen: { readonly lines: readonly string[]; readonly like: string }): string {
  return `test "$(${commandLine(seen.lines)} | grep -c '^${seen.like}$')" -ge ${String(count)}`;
}
