import type { ClusterStore, StoreEvent } from '../store.ts';

/** A real controller took 5 to 53 ms; until then pods are refused, and whoever does not wait shall find out. */
const delayMs = 30;
const name = 'default';

/**
 * Keeps the service account `default` in every namespace, and makes it a moment after the namespace, as the controller of a
 * real cluster does (kubernetes:pkg/controller/serviceaccount/serviceaccounts_controller.go). The answer stops it.
 */
export function startServiceAccountController(store: ClusterStore): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const later = (namespace: string): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      ensureAccount(store, namespace);
    }, delayMs);
    timer.unref();
    timers.add(timer);
  };
  const onNamespace = ({ type, object }: StoreEvent): void => {
    if (type === 'ADDED') later(object.metadata.name);
  };
  const onAccount = ({ type, object }: StoreEvent): void => {
    if (type === 'DELETED' && object.metadata.name === name) later(object.metadata.namespace ?? '');
  };
  const stops = [store.watch('namespaces', onNamespace), store.watch('serviceaccounts', onAccount)];
  return () => {
    for (const stop of stops) stop();
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Nothing where it is there, or where the namespace is gone or going. */
export function ensureAccount(store: ClusterStore, namespace: string): void {
  const home = store.get({ resource: 'namespaces', name: namespace });
  if (home === undefined || home.metadata.deletionTimestamp !== undefined) return;
  if (store.get({ resource: 'serviceaccounts', namespace, name }) !== undefined) return;
  store.create('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
}
