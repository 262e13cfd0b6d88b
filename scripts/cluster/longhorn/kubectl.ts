import { type ClusterTarget, kubectl } from '../plan/kubectl.ts';

export const longhornNamespace = 'longhorn-system';

/** A kubectl command in Longhorn's namespace. */
export function longhornKubectl(target: ClusterTarget, args: readonly string[]): string[] {
  return kubectl(target, ['--namespace', longhornNamespace, ...args]);
}
