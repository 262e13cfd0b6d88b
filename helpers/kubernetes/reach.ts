/** How a person reaches a cluster again, in words for a shell: what is printed is pasted. */
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Reach {
  /** `kubectl`, with the flags that name this cluster. */
  readonly kubectl: string;
  /** The flags with which the commands of this project name it. */
  readonly flags: string;
  /** A pod has its permissions from the manifest that made it. */
  readonly from: 'pod' | 'outside';
}

/** A pod knows its cluster by this name (`in-cluster.ts`); nobody else does. */
export const inClusterName = 'in-cluster';

/** The kubeconfig is named only where it would not be found without. */
export function reachOf({ kubeconfigPath, context }: { kubeconfigPath: string; context: string }): Reach {
  if (context === inClusterName) return { kubectl: 'kubectl', flags: '--context NAME', from: 'pod' };
  const file = defaultKubeconfigs().includes(kubeconfigPath) ? '' : ` --kubeconfig ${shellWord(kubeconfigPath)}`;
  const flags = `--context ${shellWord(context)}${file}`;
  return { kubectl: `kubectl ${flags}`, flags, from: 'outside' };
}

/** Where kubectl looks: the files of `$KUBECONFIG`, else `~/.kube/config`. */
export function defaultKubeconfigs(): string[] {
  const files = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  return files.length > 0 ? files : [join(homedir(), '.kube', 'config')];
}

/** A word as a POSIX shell must read it to get that text. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
