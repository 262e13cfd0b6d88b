/** Each node's Lease in kube-node-lease, which its kubelet renews (kubernetes:pkg/kubelet/kubelet.go, NewController of its lease). */
import type { ClusterStore, KubeObject } from '../../../apiserver/store.ts';
import type { ClusterContext } from '../context.ts';

const leases = 'leases.coordination.k8s.io';
const namespace = 'kube-node-lease';
const durationSeconds = 40;
// A quarter of the duration. Real seconds, because the readers of a lease compare it with their clock.
const leaseRenewalMs = 10_000;

const microTime = (): string => new Date().toISOString().replace(/Z$/, '000Z');

/** Creates the leases of all nodes and renews those of nodes that are not down, until the cluster stops. */
export function startNodeLeases(
  { nodes, resources, signal }: Pick<ClusterContext, 'nodes' | 'resources' | 'signal'>,
  store: ClusterStore,
  { renewEveryMs = leaseRenewalMs }: { renewEveryMs?: number } = {},
): void {
  for (const { name } of nodes) {
    const uid = resources.nodes.get(name)?.metadata.uid ?? '';
    store.create(leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
      spec: { holderIdentity: name, leaseDurationSeconds: durationSeconds, renewTime: microTime() },
    });
  }
  const timer = setInterval(() => {
    for (const { name } of nodes) {
      if (!isReady(resources.nodes.get(name))) continue;
      store.mutate({ resource: leases, namespace, name }, (draft) => {
        draft.spec = { holderIdentity: name, leaseDurationSeconds: durationSeconds, renewTime: microTime() };
      });
    }
  }, renewEveryMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

function isReady(node: KubeObject | undefined): boolean {
  const status = node?.status as { conditions?: readonly { type: string; status: string }[] } | undefined;
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
}
