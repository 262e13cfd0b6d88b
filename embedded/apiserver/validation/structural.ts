/** Custom resources and their structural schema: pruning, then defaulting; validation comes after them. */
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject } from '../store.ts';
import { child, isObject } from './schema.ts';
import type { JsonObject, Schema } from './schema.ts';

const always = new Set(['apiVersion', 'kind', 'metadata']);

/** Removes what the schema does not name, in place, and returns the paths removed. */
export function prune(schema: Schema, object: JsonObject): string[] {
  const removed: string[] = [];
  pruneObject(schema, object, '', removed, true);
  return removed;
}

/** A custom object as its definition makes it: without unknown fields, with defaults, in place. */
export function completeCustom(type: ResourceType, object: KubeObject): void {
  const schema = type.custom?.schema as Schema | undefined;
  if (schema === undefined) return;
  prune(schema, object);
  applyDefaults(schema, object);
}

/** As `prune`, for a part of an object; `path` is where it stands. */
export function pruneNested(schema: Schema, object: JsonObject, path: string): string[] {
  const removed: string[] = [];
  pruneObject(schema, object, path, removed, false);
  return removed;
}

function pruneObject(schema: Schema, object: JsonObject, path: string, removed: string[], root: boolean): void {
  for (const [key, value] of Object.entries(object)) {
    if (root && always.has(key)) continue;
    const known = schema.properties?.[key];
    if (known !== undefined) pruneValue(known, value, child(path, key), removed);
    else if (isObject(schema.additionalProperties))
      pruneValue(schema.additionalProperties, value, child(path, key), removed);
    else if (schema.additionalProperties !== true && schema['x-kubernetes-preserve-unknown-fields'] !== true) {
      delete object[key];
      removed.push(child(path, key));
    }
  }
}

function pruneValue(schema: Schema, value: unknown, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) value.forEach((item, index) => pruneValue(items, item, `${path}[${index}]`, removed));
  } else if (isObject(value)) {
    pruneObject(schema, value, path, removed, schema['x-kubernetes-embedded-resource'] === true);
  }
}

/** Fills in defaults, in place; a null where null is not allowed is replaced by the default or, unless nulls are kept, dropped. */
export function applyDefaults(schema: Schema, value: unknown, nulls: 'dropped' | 'kept' = 'dropped'): void {
  if (Array.isArray(value)) {
    if (schema.items !== undefined) for (const item of value) applyDefaults(schema.items, item, nulls);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const replaced = nulls === 'dropped' || property.default !== undefined;
    if (value[key] === null && property.nullable !== true && replaced) delete value[key];
    if (value[key] === undefined && property.default !== undefined) value[key] = structuredClone(property.default);
    if (value[key] !== undefined) applyDefaults(property, value[key], nulls);
  }
  if (isObject(schema.additionalProperties)) {
    for (const [key, item] of Object.entries(value)) {
      if (schema.properties?.[key] !== undefined) continue;
      if (nulls === 'dropped' && item === null && schema.additionalProperties.nullable !== true) delete value[key];
      else applyDefaults(schema.additionalProperties, item, nulls);
    }
  }
}
