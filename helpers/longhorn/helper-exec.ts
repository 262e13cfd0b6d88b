/** Running `go-spdk-helper` in the V2 instance managers. longhorn-facts §6.1 */
import type { KubeClient } from '../kubernetes/client.ts';
import { pods } from '../kubernetes/core-kinds.ts';

const instanceManagerSelector = 'longhorn.io/component=instance-manager,longhorn.io/data-engine=v2';
const usualTimeoutMs = 30_000;

/** Answers with what the command printed. */
export type Helper = (command: readonly string[], timeoutMs?: number) => Promise<string>;

/** @throws Error when none runs */
export async function runningInstanceManagers(
  client: KubeClient,
  namespace: string,
  nodeName?: string,
): Promise<readonly string[]> {
  const { items } = await client.list(pods, { namespace, labelSelector: instanceManagerSelector });
  const running = items.filter(
    ({ status, spec }) => status?.phase === 'Running' && (nodeName === undefined || spec.nodeName === nodeName),
  );
  const where = nodeName === undefined ? '' : ` on ${nodeName}`;
  if (running.length === 0) throw new Error(`no V2 instance-manager pod runs${where}`);
  return running.map(({ metadata }) => metadata.name);
}

/** @throws Error from the helper when the command does not end with 0 */
export function helperIn(client: KubeClient, namespace: string, pod: string): Helper {
  const exec = client.exec({ namespace, name: pod, container: 'instance-manager' });
  return async (command, timeoutMs = usualTimeoutMs) => {
    const result = await exec(['go-spdk-helper', ...command], { timeoutMs, signal: client.signal });
    if (result.exitCode === 0) return result.stdout;
    const detail = result.stderr.trim().split('\n').at(-1) ?? '';
    throw new Error(`go-spdk-helper ${command.join(' ')} in ${pod} ended with ${String(result.exitCode)}: ${detail}`);
  };
}
