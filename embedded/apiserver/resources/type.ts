import type { CustomResource, ResourceName } from '../store.ts';

export interface Subresource {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly kind: string;
  /** Group and version of the subresource's own kind where they differ from the parent's. */
  readonly group?: string;
  readonly version?: string;
}

/** One served resource in one version: what discovery lists and what the request path is resolved to. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Under which name the objects are stored; two views of the same objects (core and events.k8s.io) share it. */
  readonly storedAs: ResourceName;
  /** Whether `metadata.generation` counts changes of the desired state. */
  readonly counted: boolean;
  /** Whether a DELETE that removes at once answers with the object instead of a Status. */
  readonly returnsDeleted: boolean;
  readonly custom: CustomResource | undefined;
}

/** `pods`, `volumes.longhorn.io`: how a resource is named in the store and in error messages. */
export function resourceName(type: Pick<ResourceType, 'group' | 'plural'>): ResourceName {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** `v1`, `longhorn.io/v1beta2`. */
export function groupVersion(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

export function hasStatus(type: ResourceType): boolean {
  return type.subresources.some((sub) => sub.name === 'status');
}
