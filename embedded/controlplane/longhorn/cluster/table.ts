import { cloneJson } from '../../../apiserver/json.ts';
import type { ClusterStore, KubeObject, ObjectMeta, ObjectRef } from '../../../apiserver/store.ts';
import { longhornApiVersion, longhornGroup } from '../resources/custom-resources.ts';
import { prune } from '../resources/schema.ts';
import type { Schema } from '../resources/schema.ts';
import { longhornFinalizer, longhornNamespace } from './names.ts';

/** The objects of one Longhorn kind, typed. Writes are pruned to the release's schema, so one literal serves all. */
export interface Table<T extends KubeObject> {
  readonly resource: string;
  /** A frozen snapshot. */
  get(name: string): T | undefined;
  /** A copy to edit. */
  draft(name: string): T | undefined;
  list(labels?: Readonly<Record<string, string>>): readonly T[];
  create(object: { metadata: Partial<ObjectMeta> & { name: string }; spec?: T['spec']; [field: string]: unknown }): T;
  /** Edits spec and metadata in one atomic step; undefined when the object is gone. */
  change(name: string, edit: (draft: T) => void): T | undefined;
  changeStatus(name: string, edit: (draft: T) => void): T | undefined;
  delete(name: string): void;
  /** Lets a terminating object go. */
  removeFinalizer(name: string): void;
}

export function createTable<T extends KubeObject>(
  store: ClusterStore,
  options: { kind: string; plural: string; schema: Schema },
): Table<T> {
  const resource = `${options.plural}.${longhornGroup}`;
  const ref = (name: string): ObjectRef => ({ resource, namespace: longhornNamespace, name });
  const get = (name: string): T | undefined => store.get(ref(name)) as T | undefined;
  const edited = (edit: (draft: T) => void) => (draft: KubeObject) => {
    edit(draft as T);
    const properties = options.schema['properties'] as Record<string, Schema>;
    for (const part of ['spec', 'status'] as const) {
      const schema = properties[part];
      if (schema !== undefined && draft[part] !== undefined) draft[part] = prune<unknown>(draft[part], schema);
    }
  };
  return {
    resource,
    get,
    draft(name) {
      const object = get(name);
      return object === undefined ? undefined : cloneJson(object);
    },
    list(labels) {
      return store.list(resource, { namespace: longhornNamespace, ...(labels ? { labels } : {}) }) as readonly T[];
    },
    create(object) {
      const { metadata, ...rest } = object;
      const body = prune(rest, options.schema);
      return store.create(resource, {
        apiVersion: longhornApiVersion,
        kind: options.kind,
        metadata: { namespace: longhornNamespace, ...metadata },
        ...body,
      }) as T;
    },
    change(name, edit) {
      return store.mutate(ref(name), edited(edit)) as T | undefined;
    },
    changeStatus(name, edit) {
      return store.mutate(ref(name), edited(edit), { subresource: 'status' }) as T | undefined;
    },
    delete(name) {
      store.delete(ref(name));
    },
    removeFinalizer(name) {
      store.mutate(ref(name), (draft) => {
        draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((entry) => entry !== longhornFinalizer);
      });
    },
  };
}
