import type {
  ClusterStore,
  KubeObject,
  ListOptions,
  NewObject,
  ObjectRef,
  ResourceName,
} from '../../apiserver/store.ts';

export interface ResourceEvent<T extends KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
  previous?: T;
}

/** One resource of the store with the type of its objects. */
export interface Resource<T extends KubeObject> {
  get(name: string, namespace?: string): T | undefined;
  list(options?: ListOptions): readonly T[];
  create(object: NewObject): T;
  /** Changes spec and metadata of this very object; a namesake created later is left alone, and not returned. */
  edit(object: T, change: (draft: T) => void): T | undefined;
  editStatus(object: T, change: (draft: T) => void): T | undefined;
  delete(object: T, options?: { gracePeriodSeconds?: number }): void;
  /** Calls back for later changes until the returned function is called or the cluster stops. */
  watch(listener: (event: ResourceEvent<T>) => void): () => void;
}

export function resource<T extends KubeObject>(
  store: ClusterStore,
  name: ResourceName,
  signal: AbortSignal,
): Resource<T> {
  const ref = (objectName: string, namespace: string | undefined): ObjectRef => ({
    resource: name,
    name: objectName,
    ...(namespace === undefined ? {} : { namespace }),
  });
  const refOf = (object: T): ObjectRef => ref(object.metadata.name, object.metadata.namespace);
  const change = (object: T, edit: (draft: T) => void, options?: { subresource: 'status' }): T | undefined => {
    const isSame = (other: KubeObject | undefined): boolean => other?.metadata.uid === object.metadata.uid;
    const changed = store.mutate(
      refOf(object),
      (draft) => {
        if (isSame(draft)) {
          edit(draft as T);
        }
      },
      options,
    );
    // Who goes on with what is returned would go on with the namesake.
    return isSame(changed) ? (changed as T) : undefined;
  };
  return {
    get: (objectName, namespace) => store.get(ref(objectName, namespace)) as T | undefined,
    list: (options) => store.list(name, options) as readonly T[],
    create: (object) => store.create(name, object) as T,
    edit: (object, edit) => change(object, edit),
    editStatus: (object, edit) => change(object, edit, { subresource: 'status' }),
    delete(object, options) {
      if (store.get(refOf(object))?.metadata.uid === object.metadata.uid) {
        store.delete(refOf(object), options);
      }
    },
    watch(listener) {
      const stop = store.watch(name, (event) => {
        listener(event as unknown as ResourceEvent<T>);
      });
      signal.addEventListener('abort', stop, { once: true });
      return () => {
        signal.removeEventListener('abort', stop);
        stop();
      };
    },
  };
}

/** `namespace/name`, or the name of a cluster-scoped object: how controllers queue objects. */
export function keyOf(object: { metadata: { namespace?: string; name: string } }): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
