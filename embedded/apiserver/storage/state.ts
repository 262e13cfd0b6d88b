import type { KubeObject, ObjectMeta, ResourceName, StoreEvent } from '../store.ts';
import { createJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { orderedObject } from './order.ts';

/** The objects and the one counter behind every resourceVersion. Knows nothing of kinds, admission or life cycles. */
export interface State {
  readonly journal: Journal;
  revision(): number;
  get(resource: ResourceName, key: string): KubeObject | undefined;
  /** In the order of their keys, which is the order of every list. */
  list(resource: ResourceName, prefix: string): readonly KubeObject[];
  /** Stores the object under a new revision, freezes it and tells the watchers. */
  put(resource: ResourceName, key: string, object: KubeObject): KubeObject;
  remove(resource: ResourceName, key: string, last?: KubeObject): KubeObject | undefined;
  listen(resource: ResourceName, listener: (event: StoreEvent) => void): () => void;
}

/** Objects are keyed as etcd keys them: `namespace/name`, or the bare name. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}

interface Collection {
  readonly objects: Map<string, KubeObject>;
  sortedKeys: readonly string[] | undefined;
}

/** @param firstRevision where the counter starts @param historyCapacity how many writes watches can go back */
export function createState(firstRevision: number, historyCapacity: number): State {
  const collections = new Map<ResourceName, Collection>();
  const listeners = new Map<ResourceName, Set<(event: StoreEvent) => void>>();
  const journal = createJournal(historyCapacity);
  let revision = firstRevision;
  const pending: StoreEvent[] = [];
  let delivering = false;

  const collection = (resource: ResourceName): Collection => {
    let found = collections.get(resource);
    if (found === undefined) collections.set(resource, (found = { objects: new Map(), sortedKeys: undefined }));
    return found;
  };
  // A listener that writes must not overtake the event it is reacting to, hence the queue.
  const deliver = (event: StoreEvent): void => {
    pending.push(event);
    if (delivering) return;
    delivering = true;
    try {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        for (const scope of [next.resource, '*']) {
          for (const listener of [...(listeners.get(scope) ?? [])]) listener(next);
        }
      }
    } finally {
      delivering = false;
    }
  };
  const record = (event: StoreEvent): void => {
    const { type, resource, object, previous } = event;
    journal.append({ revision, type, resource, object, previous });
    deliver(event);
  };
  const stamped = (object: KubeObject): KubeObject => {
    revision += 1;
    const metadata: ObjectMeta = { ...object.metadata, resourceVersion: String(revision) };
    return freeze(orderedObject({ ...object, metadata }));
  };

  return {
    journal,
    revision: () => revision,
    get: (resource, key) => collections.get(resource)?.objects.get(key),
    list(resource, prefix) {
      const found = collections.get(resource);
      if (found === undefined) return [];
      found.sortedKeys ??= [...found.objects.keys()].sort();
      const result: KubeObject[] = [];
      for (const key of found.sortedKeys) {
        if (!key.startsWith(prefix)) continue;
        const object = found.objects.get(key);
        if (object !== undefined) result.push(object);
      }
      return result;
    },
    put(resource, key, object) {
      const { objects } = collection(resource);
      const previous = objects.get(key);
      const next = stamped(object);
      if (previous === undefined) collection(resource).sortedKeys = undefined;
      objects.set(key, next);
      record({
        type: previous === undefined ? 'ADDED' : 'MODIFIED',
        resource,
        object: next,
        ...(previous ? { previous } : {}),
      });
      return next;
    },
    remove(resource, key, last) {
      const found = collection(resource);
      const previous = found.objects.get(key);
      if (previous === undefined) return undefined;
      found.objects.delete(key);
      found.sortedKeys = undefined;
      const object = stamped(last ?? previous);
      record({ type: 'DELETED', resource, object, previous });
      return object;
    },
    listen(resource, listener) {
      let set = listeners.get(resource);
      if (set === undefined) listeners.set(resource, (set = new Set()));
      set.add(listener);
      return () => void set.delete(listener);
    },
  };
}
