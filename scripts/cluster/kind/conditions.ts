import { z } from 'zod';
import { nodes, type KubernetesNode } from '../../../helpers/kubernetes/core-kinds.ts';
import { met, pending } from '../../../helpers/kubernetes/wait.ts';
import { hugePagesPerNode } from '../host/kernel.ts';
import { condition, type Condition } from '../plan/condition.ts';
import { atLeast, type ClusterTarget, kubectl } from '../plan/kubectl.ts';
import { commandLine } from '../plan/script.ts';

const sources = { nodes: { kind: nodes } };

/** All of these nodes exist and are Ready. */
export function nodesReady(target: ClusterTarget, names: readonly string[]): Condition {
  return condition({
    what: `nodes ${names.join(', ')}`,
    expected: 'all there and Ready',
    kubectl: kubectl(target, ['get', 'nodes']),
    shell: commandLine(
      kubectl(target, ['wait', '--for=condition=Ready', ...names.map((name) => `node/${name}`), '--timeout=20s']),
    ),
    sources,
    until: (view) => {
      const unready = names.filter((name) => !isReady(view.nodes.find((node) => node.metadata.name === name)));
      return unready.length === 0 ? met('Ready') : pending(`not ready: ${unready.join(', ')}`);
    },
  });
}

function isReady(node: KubernetesNode | undefined): boolean {
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/** What `v2-data-engine` is refused without (longhorn-manager:datastore/longhorn.go ValidateV2DataEngineEnabled@v1.11.3). */
export function hugePagesVisible(target: ClusterTarget, names: readonly string[]): Condition {
  const columns = 'custom-columns=NAME:.metadata.name,HUGE:.status.capacity.hugepages-2Mi';
  return condition({
    what: `huge pages of ${names.join(', ')}`,
    expected: `capacity hugepages-2Mi of at least ${String(hugePagesPerNode * 2)}Mi on each`,
    kubectl: kubectl(target, ['get', 'nodes', '-o', columns]),
    shell: atLeast(names.length, {
      lines: kubectl(target, [
        ...['get', 'nodes', '-l', `kubernetes.io/hostname in (${names.join(',')})`],
        ...['-o', 'jsonpath={range .items[*]}{.status.capacity.hugepages-2Mi}{"\\n"}{end}'],
      ]),
      like: '[1-9].*',
    }),
    sources,
    until: (view) => {
      const seen = names.map((name) => ({
        name,
        mib: hugeMib(view.nodes.find((node) => node.metadata.name === name)),
      }));
      const short = seen.filter(({ mib }) => mib < hugePagesPerNode * 2);
      const words = (entries: typeof seen): string =>
        entries.map(({ name, mib }) => `${name} ${String(mib)}Mi`).join(', ');
      return short.length === 0 ? met(words(seen)) : pending(words(short));
    },
  });
}

const capacitySchema = z.looseObject({ capacity: z.record(z.string(), z.string()).optional() });
const factors: Readonly<Record<string, number>> = { Ki: 1 / 1024, Mi: 1, Gi: 1024, '': 1 / 2 ** 20 };

function hugeMib(node: KubernetesNode | undefined): number {
  const text = capacitySchema.safeParse(node?.status ?? {}).data?.capacity?.['hugepages-2Mi'] ?? '0';
  const match = /^(\d+)(Ki|Mi|Gi)?$/.exec(text);
  return Number(match?.[1] ?? 0) * (factors[match?.[2] ?? ''] ?? 0);
}
