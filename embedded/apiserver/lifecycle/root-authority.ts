import type { ClusterStore, KubeObject } from '../store.ts';

const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP ' +
  'or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Keeps the ConfigMap `kube-root-ca.crt` in every namespace, as the root CA publisher does. */
export interface RootAuthorityPublisher {
  /** Replaces the certificate everywhere; empty until a server has one. */
  publish(authority: string): void;
  stop(): void;
}

export function startRootAuthorityPublisher(store: ClusterStore): RootAuthorityPublisher {
  let current = '';
  const write = (namespace: KubeObject): void => {
    if (namespace.metadata.deletionTimestamp !== undefined) return;
    const ref = { resource: 'configmaps', namespace: namespace.metadata.name, name: 'kube-root-ca.crt' };
    if (store.get(ref) !== undefined) {
      store.mutate(ref, (draft) => (draft['data'] = { 'ca.crt': current }));
      return;
    }
    store.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: ref.name, namespace: ref.namespace, annotations: { 'kubernetes.io/description': description } },
      data: { 'ca.crt': current },
    });
  };
  const stop = store.watch('namespaces', ({ type, object }) => {
    if (type === 'ADDED') write(object);
  });
  return {
    publish(authority) {
      current = authority;
      for (const namespace of store.list('namespaces')) write(namespace);
    },
    stop,
  };
}
