/**
 * The order in which the API server writes the fields of an object. Clients need none, people who compare two answers do.
 * Custom objects are maps in the server, written in the order of their keys.
 */
import type { KubeObject, ObjectMeta } from '../store.ts';

/** All that metadata has. */
export const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

/** Metadata with its fields in order; it is the same fields. */
function orderedMetadata(metadata: ObjectMeta): ObjectMeta {
  const given = metadata as unknown as Readonly<Record<string, unknown>>;
  const ordered: Record<string, unknown> = {};
  for (const field of metadataFields) if (given[field] !== undefined) ordered[field] = given[field];
  return Object.assign(ordered, given) as unknown as ObjectMeta;
}

/** An object of a built-in kind: what it is, what is wanted, how it is. */
export function orderedObject(object: KubeObject): KubeObject {
  const { kind, apiVersion, metadata, spec, status, ...rest } = object;
  return {
    kind,
    apiVersion,
    metadata: orderedMetadata(metadata),
    ...(spec === undefined ? {} : { spec: spec as unknown }),
    ...rest,
    ...(status === undefined ? {} : { status: status as unknown }),
  };
}

/** JSON with the keys of every object sorted. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
