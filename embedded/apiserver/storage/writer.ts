/** Creation and update of objects: identity, defaults, admission, validation, generation, conflicts. */
import { cloneJson, equalJson } from '../json.ts';
import { alreadyExists, conflict, forbidden, invalid, invalidValue, notFound, staleObject } from '../errors.ts';
import { countsAsChange, prepareForCreate, prepareForUpdate } from '../resources/strategy.ts';
import { groupVersion, resourceName } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { KubeObject, NewObject, ObjectMeta } from '../store.ts';
import { builtinErrors } from '../validation/builtin.ts';
import { metadataErrors, metadataUpdateErrors } from '../validation/metadata.ts';
import { customErrors } from '../validation/custom.ts';
import { applyDefaults, completeCustom, prune } from '../validation/structural.ts';
import type { Schema } from '../validation/schema.ts';
import { admit } from './context.ts';
import type { StoreContext } from './context.ts';
import type { WriteOptions } from './options.ts';
import { metadataFields } from './order.ts';
import { keyOf } from './state.ts';

function normalized(type: ResourceType, input: NewObject, metadata: ObjectMeta): KubeObject {
  const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...rest } = input;
  return { kind: type.kind, apiVersion: groupVersion(type), metadata, ...cloneJson(rest) };
}

/** Metadata in the order in which the API server writes it, without empty fields. */
function tidyMetadata(metadata: Partial<ObjectMeta>): ObjectMeta {
  const given = cloneJson(metadata) as Readonly<Record<string, unknown>>;
  const tidy: Record<string, unknown> = Object.fromEntries(metadataFields.map((field) => [field, given[field]]));
  for (const [field, value] of Object.entries(tidy)) {
    const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    if (value === undefined || value === null || value === '' || empty) delete tidy[field];
  }
  tidy['name'] ??= '';
  return tidy as unknown as ObjectMeta;
}

const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

function schemaOf(type: ResourceType): Schema | undefined {
  return type.custom?.schema as Schema | undefined;
}

/** What was written in another version than the one that is stored is kept as that one has it. */
function asStored(context: StoreContext, type: ResourceType, object: KubeObject): void {
  const stored = type.custom === undefined ? undefined : context.registry.stored(type.storedAs);
  if (stored !== undefined && stored.version !== type.version) completeCustom(stored, object);
}

function checkNamespace(context: StoreContext, type: ResourceType, namespace: string, name: string): void {
  const found = context.state.get('namespaces', namespace);
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const error = forbidden(
    type,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  throw new StatusError(error.code, error.reason, error.message, {
    ...error.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}

export function createObject(
  context: StoreContext,
  type: ResourceType,
  input: NewObject,
  options: WriteOptions = {},
): KubeObject {
  const dryRun = options.dryRun ?? false;
  const given = input.metadata;
  const namespace = type.namespaced ? (given.namespace ?? '') : undefined;
  // What is no number, or zero, counts as none (apiserver:pkg/storage/etcd3/store.go Create@v0.36.2).
  if (/^\d*[1-9]\d*$/.test(given.resourceVersion ?? '')) {
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  const name =
    (given.name ?? '') !== ''
      ? (given.name ?? '')
      : given.generateName
        ? context.identity.nameFrom(given.generateName)
        : '';
  const metadata = tidyMetadata({
    ...given,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: context.identity.uid(),
    creationTimestamp: context.timestamp(),
    ...(type.counted ? { generation: 1 } : {}),
  });
  if (namespace === undefined) delete metadata.namespace;
  if (!type.counted) delete metadata.generation;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;

  // Admission comes before a name is generated, so a refusal knows the prefix only.
  if (namespace !== undefined && namespace !== '')
    checkNamespace(context, type, namespace, given.name || given.generateName || 'Unknown');
  if (
    type.custom !== undefined &&
    context.state.get(definitions, type.storedAs)?.metadata.deletionTimestamp !== undefined
  ) {
    throw forbidden(type, name, 'create not allowed while custom resource definition is terminating');
  }
  const object = normalized(type, input, metadata);
  prepareForCreate(type, object);
  const schema = schemaOf(type);
  const complete = (): void => {
    object.metadata = tidyMetadata(object.metadata);
    if (schema === undefined) return;
    prune(schema, object);
    applyDefaults(schema, object, options.nulls);
  };
  complete();
  const resource = type.storedAs;
  admit(context, { operation: 'CREATE', resource, object, dryRun }, () => {
    complete();
    const ofMetadata = metadataErrors(type, object.metadata);
    const errors = [
      ...ofMetadata,
      ...(schema === undefined
        ? builtinErrors(type, object, undefined)
        : customErrors(type, object, undefined, ofMetadata)),
    ];
    if (errors.length > 0) throw invalid(type, object.metadata.name, errors);
  });
  const key = keyOf(namespace, object.metadata.name);
  const present = context.state.get(resource, key);
  if (present !== undefined)
    throw alreadyExists(
      type,
      object.metadata.name,
      present.metadata.deletionTimestamp === undefined ? 'staying' : 'going',
    );
  asStored(context, type, object);
  return dryRun ? object : context.state.put(resource, key, object);
}

/**
 * Replaces an object. An update without resourceVersion is unconditional for built-in kinds and refused for custom ones.
 * @throws StatusError 404, 409 (stale resourceVersion or other uid), 422, or what admission throws.
 */
export function updateObject(
  context: StoreContext,
  type: ResourceType,
  input: KubeObject,
  options: WriteOptions,
): KubeObject {
  const dryRun = options.dryRun ?? false;
  const resource = type.storedAs;
  const key = keyOf(type.namespaced ? input.metadata.namespace : undefined, input.metadata.name);
  const old = context.state.get(resource, key);
  if (old === undefined) throw notFound(type, input.metadata.name);
  checkPreconditions(type, input, old, options);
  const next = normalized(type, input, carryOver(tidyMetadata(input.metadata), old.metadata));
  prepareForUpdate(type, next, old, options.subresource);
  const schema = schemaOf(type);
  const complete = (): void => {
    next.metadata = carryOver(tidyMetadata(next.metadata), old.metadata);
    if (schema === undefined) return;
    prune(schema, next);
    applyDefaults(schema, next, options.nulls);
  };
  complete();
  const check = (): void => {
    const ofMetadata = metadataUpdateErrors(type, next, old);
    const errors = [
      ...ofMetadata,
      ...(schema === undefined
        ? builtinErrors(type, next, old)
        : customErrors(type, next, old, ofMetadata, options.subresource === 'status' ? 'status' : 'object')),
    ];
    if (errors.length > 0) throw invalid(type, next.metadata.name, errors);
  };
  if (options.subresource === 'status') check();
  else {
    const request = { operation: 'UPDATE' as const, resource, object: next, oldObject: old, dryRun };
    admit(
      context,
      { ...request, ...(options.subresource === undefined ? {} : { subresource: options.subresource }) },
      () => {
        complete();
        check();
      },
    );
  }
  asStored(context, type, next);
  return commit(context, type, { key, next, old, dryRun });
}

function commit(
  context: StoreContext,
  type: ResourceType,
  write: { key: string; next: KubeObject; old: KubeObject; dryRun: boolean },
): KubeObject {
  const { key, next, old, dryRun } = write;
  if (countsAsChange(type, next, old)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
  const { metadata } = next;
  const released =
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    ((next.spec?.finalizers as unknown[] | undefined) ?? []).length === 0;
  if (released) {
    // The answer still carries the last stored resourceVersion: nothing was written but the removal, of what was stored.
    if (!dryRun) context.state.remove(type.storedAs, key);
    return next;
  }
  if (dryRun || equalJson(next, old)) return dryRun ? next : old;
  return context.state.put(type.storedAs, key, next);
}

function carryOver(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const next: Partial<ObjectMeta> = {
    ...metadata,
    resourceVersion: old.resourceVersion,
    creationTimestamp: old.creationTimestamp,
  };
  for (const field of ['generateName', 'generation'] as const) {
    if (old[field] === undefined) delete next[field];
    else Object.assign(next, { [field]: old[field] });
  }
  // What was asked for instead is refused by the validation, unless the object is going already.
  if (old.deletionTimestamp !== undefined) next.deletionTimestamp = old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds !== undefined) next.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
  next.uid = metadata.uid ?? old.uid;
  return tidyMetadata(next);
}

function checkPreconditions(
  type: ResourceType,
  input: KubeObject,
  old: KubeObject,
  { precondition = 'uid' }: WriteOptions,
): void {
  const { name, resourceVersion, uid } = input.metadata;
  // Zero counts as none: apimachinery's versioner reads both as 0.
  const given = resourceVersion === '0' ? '' : (resourceVersion ?? '');
  if (given === '' && (type.custom !== undefined || resourceName(type) === definitions)) {
    // Here the registry names the resource where other errors name the kind.
    throw invalid({ group: type.group, kind: type.plural }, name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
  // Passed on as it came: apiserver:pkg/registry/generic/registry/store.go Update@v0.36.2.
  if (given !== '' && !/^\d+$/.test(given))
    throw new StatusError(500, '', `strconv.ParseUint: parsing "${given}": invalid syntax`);
  if (precondition === 'uid' && (uid ?? '') !== '' && uid !== old.metadata.uid) {
    throw conflict(
      type,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${registryPath(type)}/${keyOf(old.metadata.namespace, name)}, ` +
        `ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (given !== '' && given !== old.metadata.resourceVersion) throw conflict(type, name, staleObject);
}

function registryPath(type: ResourceType): string {
  return type.custom === undefined ? type.plural : `${type.group}/${resourceName(type).split('.')[0] ?? ''}`;
}
