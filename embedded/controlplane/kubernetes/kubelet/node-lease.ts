/** Each node's Lease in kube-node-lease, which its kubelet renews (kubernetes:pkg/kubelet/kubelet.go, NewController of its lease). */
import type { ClusterStore } from '../../../apiserver/store.ts';
import type { ClusterContext } from '../context.ts';

const leases = 'leases.coordination.k8s.io';
const namespace = 'kube-node-lease';
const durationSeconds = 40;
// A quarter of the duration. Real seconds, because the readers of a lease compare it with their clock.
const renewEveryMs = 10_000;

const microTime = (): string => new Date().toISOString().replace(/Z$/, '000Z');

/** Creates the leases of all nodes and renews them until the cluster stops. */
export function startNodeLeases({ nodes, resources, signal }: ClusterContext, store: ClusterStore): void {
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
      store.mutate({ resource: leases, namespace, name }, (draft) => {
        draft.spec = { holderIdentity: name, leaseDurationSeconds: durationSeconds, renewTime: microTime() };
      });
    }
  }, renewEveryMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
