/** Deletion: graceful for pods, held by finalizers, orphaning or foreground as asked. */
import { conflict, notFound } from '../errors.ts';
import { resourceName } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject, ObjectMeta } from '../store.ts';
import { admit } from './context.ts';
import type { StoreContext } from './context.ts';
import type { DeleteOptions, DeleteResult } from './options.ts';
import { keyOf } from './state.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';
/** Holds a definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

/** @throws StatusError 404, 409 when a precondition fails, or what admission throws. */
export function removeObject(
  context: StoreContext,
  type: ResourceType,
  at: { namespace: string | undefined; name: string },
  options: DeleteOptions,
): DeleteResult {
  const key = keyOf(type.namespaced ? at.namespace : undefined, at.name);
  const old = context.state.get(type.storedAs, key);
  if (old === undefined) throw notFound(type, at.name);
  checkPreconditions(type, old, options);
  const dryRun = options.dryRun ?? false;
  admit(context, { operation: 'DELETE', resource: type.storedAs, object: old, oldObject: old, dryRun }, () => {});

  const graceSeconds = graceOf(type, old, options);
  const begins = resourceName(type) === definitions && old.metadata.deletionTimestamp === undefined;
  const finalizers = finalizersAfter(old, options);
  const metadata = terminating(context, old, begins ? [...finalizers, cleanupFinalizer] : finalizers, graceSeconds);
  const held =
    (metadata.finalizers ?? []).length > 0 ||
    (metadata.deletionGracePeriodSeconds ?? 0) > 0 ||
    ((old.spec?.finalizers as unknown[] | undefined) ?? []).length > 0;
  if (!held) {
    const last = dryRun ? old : (context.state.remove(type.storedAs, key, old) ?? old);
    return { object: last, outcome: 'removed' };
  }
  const next: KubeObject = { ...old, metadata };
  if (resourceName(type) === 'namespaces') {
    next.status = { ...old.status, phase: 'Terminating' };
    delete metadata.deletionGracePeriodSeconds;
  }
  if (resourceName(type) === definitions && old.metadata.deletionTimestamp === undefined)
    startEnd(next, old, context.timestamp());
  const unchanged = old.metadata.deletionTimestamp !== undefined && sameDeletion(old.metadata, metadata);
  if (unchanged || dryRun) return { object: unchanged ? old : next, outcome: 'terminating' };
  return { object: context.state.put(type.storedAs, key, next), outcome: 'terminating' };
}

/** A definition says that it ends, and counts nothing for it (apiextensions-apiserver:pkg/registry/customresourcedefinition/etcd.go@v0.36.2). */
function startEnd(next: KubeObject, old: KubeObject, time: string): void {
  const { generation } = old.metadata;
  if (generation !== undefined) next.metadata.generation = generation;
  delete next.metadata.deletionGracePeriodSeconds;
  const ending = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: time,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  next.status = { ...old.status, conditions: [...((old.status?.conditions ?? []) as unknown[]), ending] };
}

function sameDeletion(before: ObjectMeta, after: ObjectMeta): boolean {
  return (
    before.deletionTimestamp === after.deletionTimestamp &&
    before.deletionGracePeriodSeconds === after.deletionGracePeriodSeconds &&
    (before.finalizers ?? []).join() === (after.finalizers ?? []).join()
  );
}

function terminating(
  context: StoreContext,
  old: KubeObject,
  finalizers: readonly string[],
  graceSeconds: number,
): ObjectMeta {
  const before = old.metadata;
  const metadata: ObjectMeta = { ...before };
  if (finalizers.length > 0) metadata.finalizers = [...finalizers];
  else delete metadata.finalizers;
  const requested = before.deletionGracePeriodSeconds;
  if (before.deletionTimestamp === undefined) {
    const now = Date.parse(context.timestamp());
    metadata.deletionTimestamp = new Date(now + graceSeconds * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z');
    metadata.deletionGracePeriodSeconds = graceSeconds;
    if (metadata.generation !== undefined) metadata.generation += 1;
  } else if (requested !== undefined && graceSeconds < requested) {
    // A later request may only shorten the time that is left.
    const start = Date.parse(before.deletionTimestamp) - requested * 1000;
    metadata.deletionTimestamp = new Date(start + graceSeconds * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z');
    metadata.deletionGracePeriodSeconds = graceSeconds;
  }
  return metadata;
}

function graceOf(type: ResourceType, object: KubeObject, options: DeleteOptions): number {
  if (resourceName(type) !== 'pods') return 0;
  const asked = options.gracePeriodSeconds;
  const pending = object.metadata.deletionGracePeriodSeconds;
  const own: number = object.spec?.terminationGracePeriodSeconds ?? 30;
  let seconds = asked ?? pending ?? own;
  if (seconds < 0) seconds = 1;
  const phase: unknown = object.status?.phase;
  const finished = phase === 'Succeeded' || phase === 'Failed';
  // Nothing runs that could use the time: registry/core/pod/strategy.go CheckGracefulDelete.
  if ((object.spec?.nodeName ?? '') === '' || finished) return 0;
  return seconds;
}

function finalizersAfter(object: KubeObject, options: DeleteOptions): readonly string[] {
  const present = object.metadata.finalizers ?? [];
  const policy = options.propagationPolicy;
  if (policy === undefined) return present;
  const others = present.filter((name) => name !== foregroundFinalizer && name !== orphanFinalizer);
  if (policy === 'Foreground') return [...others, foregroundFinalizer];
  return policy === 'Orphan' ? [...others, orphanFinalizer] : others;
}

// kubernetes:pkg/registry/core/namespace/storage/storage.go@v1.36, apiextensions-apiserver:pkg/registry/customresourcedefinition/etcd.go@v0.36.2
const withOwnDelete: ReadonlySet<string> = new Set(['namespaces', definitions]);

function checkPreconditions(type: ResourceType, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = object;
  if (withOwnDelete.has(resourceName(type))) {
    const failed = (what: string, asked: string, is: string): Error =>
      conflict(
        type,
        metadata.name,
        `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`,
      );
    if (uid !== undefined && uid !== metadata.uid) throw failed('UID', uid, metadata.uid);
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
      throw failed('ResourceVersion', resourceVersion, metadata.resourceVersion);
    return;
  }
  const named = { group: type.group, plural: type.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(named, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(named, metadata.name, why);
  }
}
