/**
 * What a Kubernetes resource is to this suite: where its REST path is, and the part of its shape that is read. Fields
 * that nobody reads pass through untouched.
 */
import { z } from 'zod';

export const objectMetaSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z
    .array(z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() }))
    .optional(),
});

export type ObjectMeta = z.infer<typeof objectMetaSchema>;

/** The least that every object has. */
export interface KubeObject {
  readonly metadata: ObjectMeta;
}

/** A kind of object: its address in the API and how an answer becomes a `T`. */
export interface ResourceKind<T extends KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'namespaced' | 'cluster';
  /** Throws a `ZodError` when the server's object lacks what the suite reads. */
  readonly parse: (object: unknown) => T;
}

export type AnyKind = ResourceKind<KubeObject>;

export function defineKind<S extends z.ZodType<KubeObject>>(
  kind: Omit<ResourceKind<KubeObject>, 'parse'>,
  schema: S,
): ResourceKind<z.output<S>> {
  return { ...kind, parse: (object) => schema.parse(object) };
}

export function apiVersionOf(kind: Pick<AnyKind, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** Where one object is. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The collection's path, or the object's when `name` is given. Throws `TypeError` on a missing namespace. */
export function resourcePath(kind: AnyKind, ref: { namespace?: string | undefined; name?: string }): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const segments = [root];
  if (kind.scope === 'namespaced' && ref.namespace !== undefined) {
    segments.push('namespaces', encodeURIComponent(ref.namespace));
  }
  if (kind.scope === 'namespaced' && ref.namespace === undefined && ref.name !== undefined) {
    throw new TypeError(`${kind.kind} ${ref.name} lives in a namespace, but none was given`);
  }
  segments.push(kind.plural);
  if (ref.name !== undefined) segments.push(encodeURIComponent(ref.name));
  return segments.join('/');
}

/** `Pod ns/name`, as messages show it. */
export function describeRef(kind: Pick<AnyKind, 'kind'>, ref: ObjectRef): string {
  return `${kind.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
}
