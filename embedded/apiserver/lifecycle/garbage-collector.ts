/** Deletes what nobody owns any more, and carries out foreground and orphan deletion. */
import type { ResourceRegistry } from '../resources/registry.ts';
import { groupVersion } from '../resources/type.ts';
import { foregroundFinalizer, orphanFinalizer } from '../storage/remover.ts';
import type { ClusterStore, KubeObject, ObjectRef, OwnerReference, ResourceName } from '../store.ts';
import { StatusError } from '../store.ts';
import { createDeferredQueue } from './deferred.ts';

interface Known {
  readonly ref: ObjectRef;
}

function refOf(resource: ResourceName, object: KubeObject): ObjectRef {
  const { namespace, name } = object.metadata;
  return { resource, ...(namespace === undefined ? {} : { namespace }), name };
}

export function startGarbageCollector(store: ClusterStore, registry: ResourceRegistry): () => void {
  const queue = createDeferredQueue();
  const byUid = new Map<string, Known>();
  const dependents = new Map<string, Set<string>>();

  const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] =>
    object?.metadata.ownerReferences ?? [];
  const link = (uid: string, before: readonly OwnerReference[], after: readonly OwnerReference[]): void => {
    for (const owner of before) dependents.get(owner.uid)?.delete(uid);
    for (const owner of after) {
      let set = dependents.get(owner.uid);
      if (set === undefined) dependents.set(owner.uid, (set = new Set()));
      set.add(uid);
    }
  };
  const lookUp = (uid: string): KubeObject | undefined => {
    const known = byUid.get(uid);
    // A definition that is gone took its objects along.
    const object =
      known === undefined || registry.stored(known.ref.resource) === undefined ? undefined : store.get(known.ref);
    return object?.metadata.uid === uid ? object : undefined;
  };
  const isServed = (owner: OwnerReference): boolean =>
    registry.all().some((type) => type.kind === owner.kind && groupVersion(type) === owner.apiVersion);
  // A controller in between may have changed or removed the object: losing that race is no error.
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  };

  const collectIfOrphaned = (uid: string): void => {
    const object = lookUp(uid);
    const known = byUid.get(uid);
    if (object === undefined || known === undefined || object.metadata.deletionTimestamp !== undefined) return;
    const owners = ownersOf(object);
    if (owners.length === 0 || owners.some((owner) => !isServed(owner))) return;
    const present = owners.filter((owner) => lookUp(owner.uid) !== undefined);
    const solid = present.filter((owner) => !isForeground(lookUp(owner.uid)));
    if (solid.length === 0) attempt(() => store.delete(known.ref));
    else if (present.length < owners.length) {
      attempt(() => store.mutate(known.ref, (draft) => (draft.metadata.ownerReferences = [...present])));
    }
  };

  const dropFinalizer = (uid: string, finalizer: string): void => {
    const known = byUid.get(uid);
    if (known === undefined) return;
    attempt(() =>
      store.mutate(known.ref, (draft) => {
        draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((name) => name !== finalizer);
      }),
    );
  };

  const advance = (uid: string): void => {
    const owner = lookUp(uid);
    if (owner?.metadata.deletionTimestamp === undefined) return;
    const owned = [...(dependents.get(uid) ?? [])];
    if (owner.metadata.finalizers?.includes(orphanFinalizer) === true) {
      for (const dependent of owned) {
        const known = byUid.get(dependent);
        if (known === undefined) continue;
        attempt(() =>
          store.mutate(known.ref, (draft) => {
            draft.metadata.ownerReferences = ownersOf(draft).filter((reference) => reference.uid !== uid);
          }),
        );
      }
      dropFinalizer(uid, orphanFinalizer);
    } else if (isForeground(owner)) {
      for (const dependent of owned) collectIfOrphaned(dependent);
      const blocking = [...(dependents.get(uid) ?? [])].some((dependent) =>
        ownersOf(lookUp(dependent)).some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true),
      );
      if (!blocking) dropFinalizer(uid, foregroundFinalizer);
    }
  };

  const stop = store.watch('*', ({ type, resource, object, previous }) => {
    const { uid } = object.metadata;
    link(uid, ownersOf(previous), type === 'DELETED' ? [] : ownersOf(object));
    if (type === 'DELETED') {
      byUid.delete(uid);
      for (const dependent of dependents.get(uid) ?? []) queue.push(() => collectIfOrphaned(dependent));
      for (const owner of ownersOf(object)) queue.push(() => advance(owner.uid));
      return;
    }
    byUid.set(uid, { ref: refOf(resource, object) });
    if (ownersOf(object).length > 0) queue.push(() => collectIfOrphaned(uid));
    if (object.metadata.deletionTimestamp !== undefined) queue.push(() => advance(uid));
  });
  return () => {
    queue.stop();
    stop();
  };
}

function isForeground(object: KubeObject | undefined): boolean {
  return (
    object?.metadata.deletionTimestamp !== undefined &&
    object.metadata.finalizers?.includes(foregroundFinalizer) === true
  );
}
