/** What a kind does to its objects before they are stored: initial status, fields that only the server sets. */
import { cloneJson, equalJson } from '../json.ts';
import type { KubeObject, Payload } from '../store.ts';
import type { ResourceType } from './type.ts';
import { hasStatus, resourceName } from './type.ts';
import { defaultsOf } from './defaults.ts';

const definitions = 'customresourcedefinitions.apiextensions.k8s.io';

/** Kinds whose status may be set when the object is created (the kubelet registers its node with one). */
const statusAtCreation = new Set(['nodes', 'services', 'apiservices.apiregistration.k8s.io']);

const initialStatus: Readonly<Record<string, Payload>> = {
  namespaces: { phase: 'Active' },
  persistentvolumeclaims: { phase: 'Pending' },
  persistentvolumes: { phase: 'Pending' },
  pods: { phase: 'Pending' },
};

/** Kinds whose fields besides metadata and status are payload, not a desired state that is counted. */
export function prepareForCreate(type: ResourceType, object: KubeObject): void {
  const name = resourceName(type);
  if (hasStatus(type) && !statusAtCreation.has(name)) delete object.status;
  if (initialStatus[name] !== undefined) object.status = cloneJson(initialStatus[name]);
  else if (type.custom === undefined && hasStatus(type)) object.status ??= {};
  if (name === 'namespaces') {
    object.spec = {
      ...object.spec,
      finalizers: [...new Set([...((object.spec?.finalizers as string[] | undefined) ?? []), 'kubernetes'])],
    };
    nameInLabels(object);
  }
  if (name === definitions) {
    // Named and established a moment later; the version to store in is known at once.
    const stored = ((object.spec?.versions ?? []) as Payload[])
      .filter(({ storage }) => storage === true)
      .map((version) => version.name as string);
    object.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: stored };
  }
  if (name === 'secrets' && object['stringData'] !== undefined) foldStringData(object);
  defaultsOf(name)?.(object, undefined);
}

/** A namespace can be selected by its name, and the label cannot be changed (kubernetes:pkg/registry/core/namespace/strategy.go Canonicalize). */
function nameInLabels(object: KubeObject): void {
  object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
}

function foldStringData(object: KubeObject): void {
  const encoded = Object.entries(object['stringData'] as Record<string, string>).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  object['data'] = { ...object['data'], ...Object.fromEntries(encoded) };
  delete object['stringData'];
}

/** Keeps what the addressed (sub)resource may not change. */
export function prepareForUpdate(
  type: ResourceType,
  next: KubeObject,
  old: KubeObject,
  subresource: string | undefined,
): void {
  const name = resourceName(type);
  if (name === 'namespaces') nameInLabels(next);
  if (subresource === 'finalize') {
    next.status = old.status;
    return;
  }
  if (subresource === 'status') {
    if (name === definitions && ((next.status?.storedVersions ?? []) as unknown[]).length === 0) addStoredVersion(next);
    for (const field of new Set([...Object.keys(next), ...Object.keys(old)])) {
      if (field === 'status' || field === 'metadata') continue;
      if (old[field] === undefined) delete next[field];
      else next[field] = cloneJson(old[field]);
    }
    if (type.custom !== undefined) {
      const { managedFields } = next.metadata as Payload;
      next.metadata = {
        ...old.metadata,
        ...(managedFields === undefined ? {} : { managedFields: managedFields as unknown }),
      };
    }
    // Built-in kinds let labels and annotations through a status write, but not deletion state.
    else
      next.metadata = { ...next.metadata, ...(old.metadata.finalizers ? { finalizers: old.metadata.finalizers } : {}) };
    return;
  }
  if (hasStatus(type) && subresource === undefined) {
    if (old.status === undefined) delete next.status;
    else next.status = old.status;
  }
  if (name === definitions) addStoredVersion(next);
  if (name === 'namespaces') {
    next.spec = { ...next.spec, finalizers: old.spec?.finalizers };
  }
  if (name === 'secrets' && next['stringData'] !== undefined) foldStringData(next);
  defaultsOf(name)?.(next, old);
}

/** Where objects may be stored in several versions, the status of their definition says in which. */
function addStoredVersion(definition: KubeObject): void {
  const stored = (definition.status?.storedVersions ?? []) as string[];
  const name = ((definition.spec?.versions ?? []) as Payload[]).find(({ storage }) => storage === true)?.name as
    string | undefined;
  if (name !== undefined && !stored.includes(name))
    definition.status = { ...definition.status, storedVersions: [...stored, name] };
}

/** Whether the change is one that `metadata.generation` counts. */
export function countsAsChange(type: ResourceType, next: KubeObject, old: KubeObject): boolean {
  const desired = (object: KubeObject): Payload => {
    const { metadata: _metadata, apiVersion: _apiVersion, ...rest } = object;
    if (hasStatus(type)) delete rest['status'];
    // A pod comes to a node by its binding, which is no change of what is wanted (recorded "pod get").
    if (resourceName(type) === 'pods') rest['spec'] = { ...rest['spec'], nodeName: undefined };
    return rest;
  };
  return type.counted && !equalJson(desired(next), desired(old));
}
