/** Custom resources against their structural schema: pruning, defaulting, validation, in that order. */
import type { FieldError } from '../errors.ts';
import { invalidValue, notSupportedValue, required, shown } from '../errors.ts';
import { child, isObject, jsonType } from './schema.ts';
import type { JsonObject, Schema } from './schema.ts';
import { isDeepStrictEqual } from 'node:util';

const always = new Set(['apiVersion', 'kind', 'metadata']);

/** Removes what the schema does not name, in place, and returns the paths removed. */
export function prune(schema: Schema, object: JsonObject): string[] {
  const removed: string[] = [];
  pruneObject(schema, object, '', removed, true);
  return removed;
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
    else if (isObject(schema.additionalProperties)) pruneValue(schema.additionalProperties, value, child(path, key), removed);
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

/** Fills in defaults, in place; a null where null is not allowed is replaced by the default or dropped. */
export function applyDefaults(schema: Schema, value: unknown): void {
  if (Array.isArray(value)) {
    if (schema.items !== undefined) for (const item of value) applyDefaults(schema.items, item);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (value[key] === null && property.nullable !== true) delete value[key];
    if (value[key] === undefined && property.default !== undefined) value[key] = structuredClone(property.default);
    if (value[key] !== undefined) applyDefaults(property, value[key]);
  }
  if (isObject(schema.additionalProperties)) {
    for (const [key, item] of Object.entries(value)) {
      if (schema.properties?.[key] === undefined) applyDefaults(schema.additionalProperties, item);
    }
  }
}

/** Complaints in the words of kube-openapi's validator (apiextensions-apiserver:pkg/apiserver/validation/validation.go). */
export function schemaErrors(schema: Schema, value: unknown, path = ''): FieldError[] {
  const errors: FieldError[] = [];
  if (value === null && schema.nullable === true) return errors;
  if (!typeFits(schema, value)) {
    const name = jsonType(value);
    const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : (schema.type ?? '');
    return [
      {
        reason: 'FieldValueTypeInvalid',
        field: path === '' ? '<nil>' : path,
        message: `Invalid value: ${shown(name)}: ${path} in body must be of type ${wanted}: ${shown(name)}`,
      },
    ];
  }
  if (schema.enum !== undefined && !schema.enum.some((allowed) => isDeepStrictEqual(allowed, value))) {
    errors.push(notSupportedValue(path, value, schema.enum));
  }
  if (typeof value === 'string') errors.push(...stringErrors(schema, value, path));
  if (typeof value === 'number') errors.push(...numberErrors(schema, value, path));
  if (Array.isArray(value)) errors.push(...arrayErrors(schema, value, path));
  if (isObject(value)) errors.push(...objectErrors(schema, value, path));
  return errors;
}

function typeFits(schema: Schema, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return Number.isInteger(value) || typeof value === 'string';
  if (schema.type === undefined) return true;
  const actual = jsonType(value);
  return actual === schema.type || (schema.type === 'number' && actual === 'integer');
}

function stringErrors(schema: Schema, value: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    errors.push(invalidValue(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    errors.push(invalidValue(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    errors.push({ reason: 'FieldValueTooLong', field: path, message: `Too long: may not be more than ${schema.maxLength} bytes` });
  }
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(value))) {
    errors.push(invalidValue(path, value, `${path} in body must be of type date-time: ${shown(value)}`));
  }
  return errors;
}

function numberErrors(schema: Schema, value: number, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.minimum !== undefined && value < schema.minimum) {
    errors.push(invalidValue(path, value, `${path} in body should be greater than or equal to ${schema.minimum}`));
  }
  if (schema.maximum !== undefined && value > schema.maximum) {
    errors.push(invalidValue(path, value, `${path} in body should be less than or equal to ${schema.maximum}`));
  }
  return errors;
}

function arrayErrors(schema: Schema, value: readonly unknown[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${schema.minItems} items`));
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    errors.push({ reason: 'FieldValueTooMany', field: path, message: `Too many: ${value.length}: must have at most ${schema.maxItems} items` });
  }
  const { items } = schema;
  if (items !== undefined) value.forEach((item, index) => errors.push(...schemaErrors(items, item, `${path}[${index}]`)));
  return errors;
}

function objectErrors(schema: Schema, value: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) errors.push(required(child(path, name), ''));
  }
  for (const [key, item] of Object.entries(value)) {
    if (path === '' && always.has(key)) continue;
    const property = schema.properties?.[key];
    if (property !== undefined) errors.push(...schemaErrors(property, item, child(path, key)));
    else if (isObject(schema.additionalProperties)) {
      errors.push(...schemaErrors(schema.additionalProperties, item, child(path, key)));
    }
  }
  return errors;
}
