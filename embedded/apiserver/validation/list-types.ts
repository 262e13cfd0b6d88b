/** Lists that are sets or maps have each element once (apiextensions-apiserver:pkg/apiserver/schema/listtype/validation.go@v0.36.2). */
import type { FieldError } from '../errors.ts';
import { child, isObject } from './schema.ts';
import type { Schema } from './schema.ts';
import { goJson } from '../wire/go-print.ts';

/** What tells an element of a list from the others; undefined in a list where nothing need be told apart. */
function identityOf(schema: Schema, item: unknown): unknown {
  if (schema['x-kubernetes-list-type'] === 'set') return item;
  if (schema['x-kubernetes-list-type'] !== 'map' || !isObject(item)) return undefined;
  return Object.fromEntries((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => [key, item[key] as unknown]));
}

export function listTypeErrors(schema: Schema, value: unknown, path = ''): FieldError[] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => {
      const property = schema.properties?.[key];
      if (property !== undefined) return listTypeErrors(property, item, child(path, key));
      return isObject(schema.additionalProperties)
        ? listTypeErrors(schema.additionalProperties, item, `${path}[${key}]`)
        : [];
    });
  }
  if (!Array.isArray(value)) return [];
  const { items } = schema;
  const times = new Map<string, number>();
  const errors: FieldError[] = [];
  value.forEach((item: unknown, index) => {
    const identity = identityOf(schema, item);
    if (identity === undefined) return;
    const key = goJson(identity);
    const before = times.get(key) ?? 0;
    times.set(key, before + 1);
    if (before === 1)
      errors.push({ reason: 'FieldValueDuplicate', field: `${path}[${index}]`, message: `Duplicate value: ${key}` });
  });
  if (items !== undefined)
    value.forEach((item: unknown, index) => errors.push(...listTypeErrors(items, item, `${path}[${index}]`)));
  return errors;
}
