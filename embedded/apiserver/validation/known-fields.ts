/** Bodies against the fields their kind has: unknown ones go, wrong types are refused, empty ones count as absent. */
import type { ResourceType } from '../resources/type.ts';
import { goName, kindSchema, modelSchema } from '../schema/kinds.ts';
import type { NamedSchema } from '../schema/kinds.ts';
import type { Payload } from '../store.ts';
import { canonicalQuantity, quantityFault } from './quantities.ts';
import { base64Fault, timeFault } from '../wire/go-scalars.ts';
import { child, isObject, jsonType } from './schema.ts';
import type { JsonObject, Schema } from './schema.ts';
import { prune, pruneNested } from './structural.ts';

/** Removes fields that the kind does not have, in place, and names them. A kind without a schema has every field. */
export function pruneToSchema(type: ResourceType, body: JsonObject): string[] {
  const schema = type.custom === undefined ? kindSchema(type) : (type.custom.schema as Schema | undefined);
  const removed = schema === undefined ? [] : prune(schema, body);
  const metadata: unknown = body['metadata'];
  if (isObject(metadata)) removed.push(...pruneNested(modelSchema('V1ObjectMeta'), metadata, 'metadata'));
  return removed;
}

/** A value that a field cannot hold, in encoding/json's words. */
export class DecodeError extends Error {
  /** Go types, for decoders that word it otherwise; absent when the type is right and the text is not. */
  readonly mismatch?: { readonly found: string; readonly wanted: string };

  constructor(message: string, mismatch?: { readonly found: string; readonly wanted: string }) {
    super(message);
    if (mismatch !== undefined) this.mismatch = mismatch;
  }
}

function typeError(found: string, wanted: string, field: string): DecodeError {
  return new DecodeError(`json: cannot unmarshal ${found} into Go struct field ${field} of type ${wanted}`, {
    found,
    wanted,
  });
}

/**
 * Decodes a body of a built-in kind as Go would, in place: null means absent, and so do empty maps and lists.
 * @throws DecodeError for the first value of a wrong type.
 */
export function decodeBuiltin(type: ResourceType, body: JsonObject): void {
  const schema = kindSchema(type);
  if (schema !== undefined) decodeStruct(schema, body, '');
}

/** As `decodeBuiltin`, for a body that is no resource, such as the options of a delete. @throws DecodeError */
export function decodeModel(name: string, body: JsonObject): void {
  decodeStruct(modelSchema(name), body, '');
}

/**
 * Decodes the metadata of a custom object, all of it that the server knows the types of
 * (apiextensions-apiserver:pkg/apiserver/schema/objectmeta/coerce.go@v0.36.2).
 * @throws DecodeError for the first value of a wrong type.
 */
export function decodeMetadata(metadata: unknown): void {
  if (metadata === undefined || metadata === null) return;
  if (!isObject(metadata))
    throw new DecodeError(`json: cannot unmarshal ${goValue(jsonType(metadata))} into Go value of type v1.ObjectMeta`);
  decodeStruct(modelSchema('V1ObjectMeta'), metadata, '');
}

interface Position {
  /** The innermost Go struct, and the path to the field without list positions. */
  readonly struct: string;
  readonly path: string;
}

function decodeStruct(schema: NamedSchema, value: JsonObject, path: string): void {
  const struct = goName(schema.modelName ?? '');
  for (const [key, item] of Object.entries(value)) {
    const property = schema.properties?.[key];
    if (item === null) delete value[key];
    else if (property !== undefined) {
      decodeValue(property, item, { struct, path: child(path, key) });
      if (isEmptyCollection(property, item) && schema.required?.includes(key) !== true) delete value[key];
    }
  }
}

/** Maps and lists are written with `omitempty`; structs are not, so `resources: {}` stays. */
function isEmptyCollection(schema: NamedSchema, item: Payload): boolean {
  if (Array.isArray(item)) return item.length === 0;
  return isObject(item) && schema.additionalProperties !== undefined && Object.keys(item).length === 0;
}

function decodeValue(schema: NamedSchema, value: Payload, at: Position): void {
  if (schema['x-kubernetes-int-or-string'] === true || schema.type === undefined) return;
  const actual = jsonType(value);
  const expected = schema.type;
  // Quantities are strings on the wire, and numbers are understood too.
  const fits =
    actual === expected ||
    (expected === 'number' && actual === 'integer') ||
    (expected === 'string' && isQuantity(at.path) && typeof value === 'number');
  if (!fits) throw typeError(goValue(actual), goType(schema), `${at.struct}.${at.path}`);
  const fault =
    typeof value === 'string'
      ? isQuantity(at.path) && schema.type === 'string'
        ? quantityFault(value)
        : scalarFault(schema, value)
      : undefined;
  if (fault !== undefined) throw new DecodeError(fault);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) for (const item of value) if (item !== null) decodeValue(items, item, at);
  } else if (isObject(value)) {
    if (schema.properties !== undefined) decodeStruct(schema, value, at.path);
    else if (isObject(schema.additionalProperties)) {
      for (const [key, item] of Object.entries(value)) {
        if (item !== null) decodeValue(schema.additionalProperties, item, at);
        if (isQuantity(at.path) && (typeof item === 'string' || typeof item === 'number'))
          value[key] = canonicalQuantity(item);
        // A null leaves what a Go map holds for a new key.
        else if (item === null && schema.additionalProperties.type === 'string') value[key] = '';
      }
    }
  }
}

function scalarFault({ format }: NamedSchema, value: string): string | undefined {
  if (format === 'date-time') return timeFault(value);
  return format === 'byte' ? base64Fault(value) : undefined;
}

function isQuantity(path: string): boolean {
  return /(?:^|\.)(?:limits|requests|capacity|allocatable|hard|used|overhead|allocatedResources)$|(?:sizeLimit|divisor|storage)$/.test(
    path,
  );
}

function goValue(actual: string): string {
  if (actual === 'integer') return 'number';
  return actual === 'boolean' ? 'bool' : actual;
}

function goType(schema: NamedSchema): string {
  if (schema.modelName !== undefined) return `v1.${goName(schema.modelName)}`;
  switch (schema.type) {
    case 'boolean':
      return 'bool';
    case 'integer':
      return schema.format ?? 'int64';
    case 'array':
      return `[]${schema.items === undefined ? 'interface {}' : goType(schema.items)}`;
    case 'object':
      return `map[string]${isObject(schema.additionalProperties) ? goType(schema.additionalProperties) : 'interface {}'}`;
    default:
      return schema.format === 'date-time' ? 'v1.Time' : 'string';
  }
}
