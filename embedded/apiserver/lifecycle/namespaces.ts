/** Namespaces end: everything in them is deleted, then the `kubernetes` finalizer goes. */
import type { ResourceRegistry } from '../resources/registry.ts';
import { forbidden } from '../errors.ts';
import { resourceName } from '../resources/type.ts';
import { conditionsOf } from './namespace-conditions.ts';
import type { Condition, Remaining } from './namespace-conditions.ts';
import type { Admission, ClusterStore, KubeObject } from '../store.ts';
import { createDeferredQueue } from './deferred.ts';

const namespaces = 'namespaces';

const immortal: readonly string[] = ['default', 'kube-system', 'kube-public'];

/** Some namespaces stay (apiserver:pkg/admission/plugin/namespace/lifecycle/admission.go@v0.36.2). */
export const namespaceLifecycle: Admission = {
  validate({ operation, resource, object }) {
    const { name } = object.metadata;
    if (operation === 'DELETE' && resource === namespaces && immortal.includes(name)) {
      throw forbidden({ group: '', plural: namespaces }, name, 'this namespace may not be deleted');
    }
  },
};

/** The kinds of objects a namespace can hold, in the order in which they are deleted. */
function contents(registry: ResourceRegistry): readonly string[] {
  const names = registry
    .all()
    .filter((type) => type.namespaced && type.verbs.includes('list') && resourceName(type) === type.storedAs)
    .map((type) => type.storedAs);
  // Pods go first: what they use may have finalizers that wait for them.
  return [...new Set(['pods', ...names])];
}

export function startNamespaceController(
  store: ClusterStore,
  registry: ResourceRegistry,
  timestamp: () => string,
): () => void {
  const queue = createDeferredQueue();

  const finalize = (name: string): void => {
    const namespace = store.get({ resource: namespaces, name });
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    const left: Remaining[] = [];
    for (const resource of contents(registry)) {
      for (const object of store.list(resource, { namespace: name })) {
        if (object.metadata.deletionTimestamp === undefined) {
          store.delete({ resource, namespace: name, name: object.metadata.name });
        }
        const still = store.get({ resource, namespace: name, name: object.metadata.name });
        if (still !== undefined) left.push({ resource, finalizers: still.metadata.finalizers ?? [] });
      }
    }
    const tell = (draft: KubeObject): void => {
      draft.status = {
        ...draft.status,
        conditions: conditionsOf(left, (draft.status?.conditions as Condition[] | undefined) ?? [], timestamp()),
      };
    };
    store.mutate({ resource: namespaces, name }, tell, { subresource: 'status' });
    if (left.length > 0) return;
    const drop = (draft: KubeObject): void => {
      draft.spec = { ...draft.spec, finalizers: [] };
    };
    // The finalize subresource is not part of the contract's options: it is this controller's own.
    store.mutate({ resource: namespaces, name }, drop, { subresource: 'finalize' as 'status' });
  };

  const stop = store.watch('*', ({ type, resource, object }) => {
    if (resource === namespaces) {
      if (type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined) {
        queue.push(() => finalize(object.metadata.name));
      }
    } else if (type === 'DELETED' && object.metadata.namespace !== undefined) {
      const name = object.metadata.namespace;
      if (store.get({ resource: namespaces, name })?.metadata.deletionTimestamp !== undefined)
        queue.push(() => finalize(name));
    }
  });
  return () => {
    queue.stop();
    stop();
  };
}
