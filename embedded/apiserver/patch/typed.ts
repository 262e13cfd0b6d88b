/** Configurations by the types of their fields, in the words of structured-merge-diff (sigs.k8s.io/structured-merge-diff:typed/validate.go@v6). */
import { partNames, pathText } from './field-set.ts';
import { shapeOfSchema } from './shape.ts';
import { kindSchema, modelSchema } from '../schema/kinds.ts';
import type { ResourceType } from '../resources/type.ts';
import type { Payload } from '../store.ts';
import { isObject, jsonType } from '../validation/schema.ts';
import type { Schema } from '../validation/schema.ts';
import { goPrinted } from '../wire/go-print.ts';

/** `%#v` of a scalar in the reader's wrapping. */
const wrapped = (value: Payload): string => `&value.valueUnstructured{Value:${goSyntax(value)}}`;

function goSyntax(value: Payload): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'number' && Math.abs(value) >= 2 ** 63)
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  if (!isObject(value)) return goPrinted(value);
  return `map[string]interface {}{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`)
    .join(', ')}}`;
}

const goNames: Readonly<Record<string, string>> = {
  integer: 'int64',
  number: 'float64',
  boolean: 'bool',
  object: 'map[string]interface {}',
  array: '[]interface {}',
};

function scalarFault({ type, format }: Schema, value: Payload): string | undefined {
  const found = jsonType(value);
  // A text of some format can be any scalar (kube-openapi:pkg/schemaconv/smd.go convertPrimitive).
  if (type === 'string' && format !== undefined)
    return found === 'array' || found === 'object' ? `expected any scalar, got &{${goPrinted(value)}}` : undefined;
  switch (type) {
    case 'string':
      return found === 'string' ? undefined : `expected string, got ${wrapped(value)}`;
    case 'boolean':
      return found === 'boolean' ? undefined : `expected boolean, got &{${goPrinted(value)}}`;
    case 'integer':
    case 'number':
      return found === 'integer' || found === 'number'
        ? undefined
        : `expected numeric (int or float), got ${goNames[found] ?? found}`;
    default:
      return undefined;
  }
}

/** The key of an item that is in a list twice, where items are told apart. */
function repeated(schema: Schema, items: readonly Payload[]): string | undefined {
  const seen = new Set<string>();
  for (const step of partNames(shapeOfSchema(schema), items)) {
    if (seen.has(step)) return pathText(step);
    seen.add(step);
  }
  return undefined;
}

function faults(schema: Schema, value: Payload, path: string): string[] {
  if (value === null || schema['x-kubernetes-int-or-string'] === true || schema.type === undefined) return [];
  if (schema.type === 'object') {
    if (!isObject(value)) return [`${path}: expected map, got &{${goPrinted(value)}}`];
    return Object.entries(value).flatMap(([key, item]) => {
      const property =
        schema.properties?.[key] ?? (isObject(schema.additionalProperties) ? schema.additionalProperties : undefined);
      return property === undefined ? [] : faults(property, item, `${path}.${key}`);
    });
  }
  if (schema.type === 'array') {
    const { items } = schema;
    if (!Array.isArray(value)) return [`${path}: expected list, got &{${goPrinted(value)}}`];
    const twice = repeated(schema, value);
    if (twice !== undefined) return [`${path}: duplicate entries for key ${twice}`];
    return items === undefined ? [] : value.flatMap((item, index) => faults(items, item, `${path}[${index}]`));
  }
  const fault = scalarFault(schema, value);
  // Amounts are written as numbers too.
  return fault === undefined ||
    (schema.type === 'string' && typeof value === 'number' && /\.(?:limits|requests|capacity|hard)\./.test(path))
    ? []
    : [`${path}: ${fault}`];
}

/** What of a configuration is of another type than its field; empty for kinds whose fields are not known. */
export function typeFaults(type: ResourceType, configuration: Payload): string[] {
  const schema: Schema | undefined =
    type.custom === undefined ? kindSchema(type) : (type.custom.schema as Schema | undefined);
  const ofMetadata =
    type.custom === undefined ? [] : faults(modelSchema('V1ObjectMeta'), configuration.metadata ?? {}, '.metadata');
  return schema === undefined ? ofMetadata : [...ofMetadata, ...faults(schema, configuration, '')];
}
