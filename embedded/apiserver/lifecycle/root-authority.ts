import type { ClusterStore, KubeObject } from '../store.ts';

const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP ' +
  'or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Puts the ConfigMap `kube-root-ca.crt` into every namespace, now and later, as the root CA publisher does. */
export function publishRootAuthority(store: ClusterStore, authority: string): () => void {
  const publish = (namespace: KubeObject): void => {
    if (namespace.metadata.deletionTimestamp !== undefined) return;
    const ref = { resource: 'configmaps', namespace: namespace.metadata.name, name: 'kube-root-ca.crt' };
    if (store.get(ref) !== undefined) {
      store.mutate(ref, (draft) => (draft['data'] = { 'ca.crt': authority }));
      return;
    }
    store.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: ref.name, namespace: ref.namespace, annotations: { 'kubernetes.io/description': description } },
      data: { 'ca.crt': authority },
    });
  };
  for (const namespace of store.list('namespaces')) publish(namespace);
  return store.watch('namespaces', ({ type, object }) => {
    if (type === 'ADDED') publish(object);
  });
}
