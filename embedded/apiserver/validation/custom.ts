/** What a custom resource is checked for, in order (apiextensions-apiserver:pkg/registry/customresource/strategy.go@v0.36.2). */
import type { FieldError } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject } from '../store.ts';
import { listTypeErrors } from './list-types.ts';
import { schemaErrors } from './openapi.ts';
import { isObject } from './schema.ts';
import type { Schema } from './schema.ts';
import { transitionErrors } from './transition.ts';

// Rules are not evaluated on what could be of another shape than they expect.
const blocking: ReadonlySet<FieldError['reason']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const unchecked: FieldError = {
  reason: 'FieldValueInvalid',
  field: '<nil>',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

const ruled = new WeakMap<Schema, boolean>();

/** Whether a schema has rules anywhere. */
function hasRules(schema: Schema): boolean {
  let found = ruled.get(schema);
  if (found === undefined) {
    const { properties = {}, items, additionalProperties } = schema;
    const parts = [
      ...Object.values(properties),
      ...(items === undefined ? [] : [items]),
      ...(isObject(additionalProperties) ? [additionalProperties] : []),
    ];
    found = schema['x-kubernetes-validations'] !== undefined || parts.some(hasRules);
    ruled.set(schema, found);
  }
  return found;
}

/** What a status is told of that is written by itself: the field with its whole path, the words without `status`. */
function statusErrors(schema: Schema, { status }: KubeObject): FieldError[] {
  const own = schema.properties?.['status'];
  if (own === undefined || status === undefined) return [];
  return schemaErrors(own, status, 'status').map(({ reason, field, message }) => ({
    reason,
    field: field === '<nil>' ? 'status' : field,
    message: message
      .replace(`: ${field} in body`, `: ${field.replace(/^status\.?/, '')} in body`)
      .replace(/ in status\.(?=\S+$)/, ' in '),
  }));
}

/**
 * Complaints about everything but metadata.
 * @param before those about metadata, which keep rules from being tried as well
 * @param written a write of the status alone is held to the status alone
 */
export function customErrors(
  type: ResourceType,
  next: KubeObject,
  old: KubeObject | undefined,
  before: readonly FieldError[] = [],
  written: 'object' | 'status' = 'object',
): FieldError[] {
  const schema = type.custom?.schema as Schema | undefined;
  if (schema === undefined) return [];
  const errors = written === 'status' ? statusErrors(schema, next) : schemaErrors(schema, next);
  if (old === undefined || listTypeErrors(schema, old).length === 0) errors.push(...listTypeErrors(schema, next));
  if (!hasRules(schema)) return errors;
  if ([...before, ...errors].some(({ reason }) => blocking.has(reason))) return [...errors, unchecked];
  return old === undefined ? errors : [...errors, ...transitionErrors(type, next, old)];
}
