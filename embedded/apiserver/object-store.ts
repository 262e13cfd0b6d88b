/** The cluster's objects, shared by the HTTP API and the controllers of the embedded cluster. */
import { cloneJson, equalJson } from './json.ts';
import { createClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { startApiServices } from './lifecycle/api-services.ts';
import { startDefinitions } from './lifecycle/definitions.ts';
import { startGarbageCollector } from './lifecycle/garbage-collector.ts';
import { namespaceLifecycle, startNamespaceController } from './lifecycle/namespaces.ts';
import { createPodAdmission } from './lifecycle/pod-admission.ts';
import { startRootAuthorityPublisher } from './lifecycle/root-authority.ts';
import { createServiceAddresses } from './lifecycle/service-addresses.ts';
import { startServiceAccountController } from './lifecycle/default-accounts.ts';
import { createDefaultObjects } from './lifecycle/default-objects.ts';
import { createResourceRegistry } from './resources/registry.ts';
import type { ResourceRegistry } from './resources/registry.ts';
import type { ResourceType } from './resources/type.ts';
import { typeOf } from './storage/context.ts';
import type { StoreContext } from './storage/context.ts';
import { createIdentitySource } from './storage/identity.ts';
import type { Journal } from './storage/journal.ts';
import type { DeleteOptions, DeleteResult, WriteOptions } from './storage/options.ts';
import { removeObject } from './storage/remover.ts';
import { createState, keyOf } from './storage/state.ts';
import type { State } from './storage/state.ts';
import { createObject, updateObject } from './storage/writer.ts';
import type { Admission, ClusterStore, CustomResource, KubeObject, NewObject, ResourceName } from './store.ts';
import { StatusError } from './store.ts';

/** A `ClusterStore` with what the HTTP layer needs besides. */
export interface ObjectStore extends ClusterStore {
  readonly registry: ResourceRegistry;
  readonly journal: Journal;
  /** Watches that start from a revision below this one are answered with 410. */
  watchFloor(): number;
  /** Makes watches from revisions up to and including the current one impossible, as an etcd compaction does. */
  compact(): void;
  /** The last resourceVersion given out. */
  revision(): number;
  /** Objects whose key (`namespace/name`) starts with `prefix`, in the order of their keys. */
  scan(resource: ResourceName, prefix: string): readonly KubeObject[];
  lookup(type: ResourceType, at: { namespace: string | undefined; name: string }): KubeObject | undefined;
  createAs(type: ResourceType, object: NewObject, options: WriteOptions): KubeObject;
  updateAs(type: ResourceType, object: KubeObject, options: WriteOptions): KubeObject;
  deleteAs(
    type: ResourceType,
    at: { namespace: string | undefined; name: string },
    options: DeleteOptions,
  ): DeleteResult;
  /** Adds an admission step behind the ones given at creation. */
  addAdmission(admission: Admission): void;
  /** Makes the certificate of the API server's authority known in every namespace. */
  publishAuthority(pem: string): void;
  /** Stops the garbage collector and the namespace controller. */
  close(): void;
}

export interface ObjectStoreOptions {
  readonly customResources: readonly CustomResource[];
  readonly admission: readonly Admission[];
  /** Only its wall-clock time is used. */
  readonly clock?: Pick<Clock, 'timestamp'>;
  /** Source of uids and generated names, in [0, 1); absent means unpredictable ones. */
  readonly random?: () => number;
  /** How many writes watches can go back; older ones are answered with 410. */
  readonly historyLimit?: number;
}

const firstRevision = 200;

function mutateObject(
  context: StoreContext,
  ref: Parameters<ClusterStore['mutate']>[0],
  change: (draft: KubeObject) => void,
  options: WriteOptions,
): KubeObject | undefined {
  const type = typeOf(context, ref.resource);
  const current = context.state.get(type.storedAs, keyOf(type.namespaced ? ref.namespace : undefined, ref.name));
  if (current === undefined) return undefined;
  const draft = cloneJson(current);
  change(draft);
  // Controllers that poll mostly change nothing, and what is stored is valid already.
  if (equalJson(draft, current)) return current;
  return updateObject(context, type, draft, options);
}

function createClusterStore(context: StoreContext): ClusterStore {
  const { state } = context;
  return {
    get(ref) {
      const type = typeOf(context, ref.resource);
      return state.get(type.storedAs, keyOf(type.namespaced ? ref.namespace : undefined, ref.name));
    },
    list(resource, options = {}) {
      const type = typeOf(context, resource);
      const found = state.list(
        type.storedAs,
        options.namespace === undefined || !type.namespaced ? '' : `${options.namespace}/`,
      );
      const wanted = Object.entries(options.labels ?? {});
      if (wanted.length === 0) return found;
      return found.filter((object) => wanted.every(([key, value]) => object.metadata.labels?.[key] === value));
    },
    create: (resource, object) => createObject(context, typeOf(context, resource), object),
    update: (resource, object, options = {}) => updateObject(context, typeOf(context, resource), object, options),
    mutate: (ref, change, options = {}) => mutateObject(context, ref, change, options),
    delete(ref, options = {}) {
      const type = typeOf(context, ref.resource);
      try {
        removeObject(context, type, { namespace: ref.namespace, name: ref.name }, options);
      } catch (error) {
        if (!(error instanceof StatusError && error.reason === 'NotFound' && error.details?.name === ref.name))
          throw error;
      }
    },
    watch: (resource, listener) => state.listen(resource === '*' ? '*' : typeOf(context, resource).storedAs, listener),
  };
}

/**
 * Creates the store with Kubernetes' default namespaces and objects in it, its garbage collector and namespace controller
 * running. Nothing is kept outside memory. `close()` stops the controllers.
 */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const clock = options.clock ?? createClock(1);
  const state: State = createState(firstRevision, options.historyLimit ?? 4096);
  const registry = createResourceRegistry(options.customResources);
  const admission: Admission[] = [];
  const identity = createIdentitySource(options.random);
  const context: StoreContext = {
    state,
    registry,
    admission,
    identity,
    timestamp: () => clock.timestamp(),
  };
  const store = createClusterStore(context);
  let floor = firstRevision;
  admission.push(
    namespaceLifecycle,
    createServiceAddresses(store),
    createPodAdmission(store, () => identity.nameSuffix()),
    ...options.admission,
  );
  const authority = startRootAuthorityPublisher(store);
  const stops = [
    () => authority.stop(),
    startDefinitions(store, registry, options.customResources, () => clock.timestamp()),
    startApiServices(store, registry),
    startNamespaceController(store, registry, () => clock.timestamp()),
    startGarbageCollector(store, registry),
  ];
  createDefaultObjects(store);
  stops.push(startServiceAccountController(store));
  floor = state.revision();

  return {
    ...store,
    registry,
    journal: state.journal,
    watchFloor: () => Math.max(floor, state.journal.forgottenUpTo()),
    compact() {
      floor = state.revision();
      state.journal.forget(floor);
    },
    revision: () => state.revision(),
    scan: (resource, prefix) => state.list(resource, prefix),
    lookup: (type, at) => state.get(type.storedAs, keyOf(type.namespaced ? at.namespace : undefined, at.name)),
    createAs: (type, object, write) => createObject(context, type, object, write),
    updateAs: (type, object, write) => updateObject(context, type, object, write),
    deleteAs: (type, at, write) => removeObject(context, type, at, write),
    addAdmission: (step) => void admission.push(step),
    publishAuthority: (pem) => authority.publish(pem),
    close: () => stops.forEach((stop) => stop()),
  };
}
