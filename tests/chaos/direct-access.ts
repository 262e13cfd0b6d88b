/** The cluster past the proxy: to do what happens to a cluster, and to see what a run has left. */
import { connect, type KubeClient } from '../../helpers/kubernetes/client.ts';
import type { Pod } from '../../helpers/kubernetes/core-kinds.ts';
import { loadEndpoint } from '../../helpers/kubernetes/kubeconfig.ts';
import { createTransport } from '../../helpers/kubernetes/transport.ts';
import type { AnyKind } from '../../helpers/kubernetes/resource.ts';
import { backingImages, replicas, settings, volumes } from '../../helpers/longhorn/kinds.ts';
import { findLeftovers } from '../../helpers/longhorn/leftovers.ts';
import { sweep } from '../../helpers/longhorn/sweep.ts';

export interface DirectAccess {
  readonly client: KubeClient;
  evict(pod: Pod): Promise<void>;
  /** Name → value of every Longhorn setting. */
  readSettings(): Promise<Readonly<Record<string, string>>>;
  /** Objects of runs, labelled or not; none when all is clean. */
  leftovers(): Promise<readonly string[]>;
  /** What could not be swept. */
  sweepAll(): Promise<readonly string[]>;
}

const namespace = 'longhorn-system';

async function namesOf(client: KubeClient, kind: AnyKind): Promise<string[]> {
  const { items } = await client.list(kind, { namespace });
  return items.map(({ metadata }) => `${kind.kind} ${metadata.name}`);
}

export function accessDirectly(options: {
  kubeconfigPath: string;
  context: string;
  signal: AbortSignal;
}): DirectAccess {
  const client = connect(options);
  const transport = createTransport(loadEndpoint(options));
  return {
    client,
    async evict({ metadata }) {
      const { name, namespace: place = '' } = metadata;
      await transport.send({
        method: 'POST',
        path: `/api/v1/namespaces/${place}/pods/${name}/eviction`,
        body: JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: place } }),
        signal: options.signal,
        timeoutMs: 30_000,
      });
    },
    async readSettings() {
      const { items } = await client.list(settings, { namespace });
      return Object.fromEntries(items.map(({ metadata, value }) => [metadata.name, value]));
    },
    async leftovers() {
      const labelled = (await findLeftovers(client)).map((owned) => owned.toString());
      const lists = await Promise.all([volumes, replicas, backingImages].map((kind) => namesOf(client, kind)));
      return [...labelled, ...lists.flat()];
    },
    async sweepAll() {
      const failures = await sweep({
        client,
        longhornNamespace: namespace,
        runId: undefined,
        mode: 'sweep',
        timeoutMs: 60_000,
        onLine: () => undefined,
      });
      return failures.map(({ what, detail }) => `${what}: ${detail ?? 'failed'}`);
    },
  };
}
