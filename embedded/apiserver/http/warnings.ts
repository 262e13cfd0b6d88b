/** What the API server warns of without refusing it; kubectl prints it. */
import { isDeepStrictEqual } from 'node:util';
import { groupVersion, resourceName } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject, OwnerReference, Payload } from '../store.ts';
import { isRecognizedFormat } from '../validation/formats.ts';
import { isObject } from '../validation/schema.ts';
import { standardFinalizers } from '../validation/metadata.ts';
import { labelNameComplaints, qualifiedNameComplaints } from '../validation/names.ts';
import { addWarning } from './exchange.ts';
import type { Exchange } from './exchange.ts';

/** Kinds whose use is warned of since a release (api:core/v1/lifecycle.go@v0.36.2). */
const deprecated: Readonly<Record<string, string>> = {
  componentstatuses: 'is deprecated in v1.19+',
  endpoints: 'is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

export function warnOfDeprecation(exchange: Exchange, type: ResourceType): void {
  if (type.custom?.deprecation !== undefined) addWarning(exchange, type.custom.deprecation);
  const words = deprecated[resourceName(type)];
  if (words !== undefined) addWarning(exchange, `${groupVersion(type)} ${type.kind} ${words}`);
}

/**
 * Drops owners that are named twice, in place, and says so (apiserver:pkg/endpoints/handlers/rest.go@v0.36.2).
 * @param when a patch is only looked at after admission
 */
export function dropRepeatedOwners(exchange: Exchange, object: KubeObject, when: 'at once' | 'after admission'): void {
  const owners = object.metadata.ownerReferences ?? [];
  const kept: OwnerReference[] = [];
  const dropped: OwnerReference[] = [];
  for (const owner of owners) (kept.some((one) => isDeepStrictEqual(one, owner)) ? dropped : kept).push(owner);
  if (dropped.length === 0) return;
  object.metadata.ownerReferences = kept;
  addWarning(
    exchange,
    `.metadata.ownerReferences contains duplicate entries${when === 'at once' ? '' : ' after mutating admission happens'}; API server dedups owner references in 1.20+, ` +
      `and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${dropped.map(({ uid }) => uid).join(', ')}`,
  );
}

/** A pod's name is its host's (kubernetes:pkg/registry/core/pod/strategy.go WarningsOnCreate@v1.36). */
export function warnOfPodName(exchange: Exchange, type: ResourceType, name: string): void {
  const complaints = resourceName(type) === 'pods' ? labelNameComplaints(name) : [];
  if (complaints.length === 0) return;
  addWarning(
    exchange,
    `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${complaints.join(' ')}]`,
  );
}

/** Formats that a definition gives to fields and nobody checks (apiextensions-apiserver:pkg/registry/customresourcedefinition/strategy.go@v0.36.2). */
export function warnOfFormats(
  exchange: Exchange,
  type: ResourceType,
  definition: KubeObject,
  before: KubeObject | undefined,
): void {
  if (resourceName(type) !== 'customresourcedefinitions.apiextensions.k8s.io') return;
  const known = before === undefined ? new Set<string>() : unrecognizedFormats(before);
  for (const format of unrecognizedFormats(definition))
    if (!known.has(format)) addWarning(exchange, `unrecognized format ${JSON.stringify(format)}`);
}

function unrecognizedFormats(definition: KubeObject): Set<string> {
  const found = new Set<string>();
  const walk = (schema: Payload): void => {
    if (!isObject(schema)) return;
    const { type, format, properties, additionalProperties, items } = schema as Record<string, Payload>;
    if (typeof format === 'string' && !isRecognizedFormat(type as string | undefined, format)) found.add(format);
    for (const one of Object.values((properties ?? {}) as Record<string, Payload>)) walk(one);
    walk(additionalProperties);
    walk(items);
  };
  for (const version of (definition.spec?.versions ?? []) as Payload[]) walk(version.schema?.openAPIV3Schema);
  return found;
}

const advice = 'to avoid accidental conflicts with other finalizer writers';

/**
 * Finalizers that a write gave a custom resource and whose names could collide, such as Longhorn's own `longhorn.io`
 * (apiextensions-apiserver:pkg/registry/customresource/validator.go@v0.36.2).
 */
export function warnOfFinalizers(
  exchange: Exchange,
  type: ResourceType,
  object: KubeObject,
  before: readonly string[],
): void {
  if (type.custom === undefined) return;
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
  for (const finalizer of added.toSorted()) {
    const about = `metadata.finalizers: ${JSON.stringify(finalizer)}`;
    for (const complaint of qualifiedNameComplaints(finalizer)) addWarning(exchange, `${about}: ${complaint}`);
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) continue;
    const path = finalizer.includes('.') ? ' including a path (/)' : '';
    addWarning(exchange, `${about}: prefer a domain-qualified finalizer name${path} ${advice}`);
  }
}
