import type { Payload } from '../../../apiserver/store.ts';
import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornVersion } from '../../../versions/profile.ts';
import type { ResourceData } from './resource-data.ts';

export type Schema = Record<string, Payload>;

/** The OpenAPI v3 schema of the kind in one release, from its compact form. */
export function openApiSchema(data: ResourceData, version: LonghornVersion): Schema {
  const root: Schema = {
    type: 'object',
    properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } },
  };
  if (data.required !== undefined) root['required'] = [...data.required];
  // The open objects on the way to the current line; a skipped line skips everything below it.
  const open: { indent: number; target: Schema | undefined }[] = [{ indent: -1, target: root }];
  for (const line of data.fields.split('\n')) {
    const text = line.trim();
    if (text === '') continue;
    const indent = line.length - line.trimStart().length;
    while (indent <= (open.at(-1)?.indent ?? -1)) open.pop();
    const parent = open.at(-1)?.target;
    const field = parent === undefined ? undefined : parseField(text, version);
    if (parent !== undefined && field !== undefined) {
      const properties = (parent['properties'] ??= {}) as Record<string, Schema>;
      properties[field.name] = field.schema;
    }
    open.push({ indent, target: field?.inner });
  }
  return root;
}

interface Field {
  name: string;
  schema: Schema;
  /** Where lines below this one belong. */
  inner: Schema;
}

function parseField(text: string, version: LonghornVersion): Field | undefined {
  const [name = '', type = 'any', ...flags] = text.split(' ');
  const range = flags.find((flag) => flag.startsWith('@'));
  if (range !== undefined && !isInVersionRange(version, range.slice(1))) return undefined;
  const { schema, inner } = typeSchema(type);
  for (const flag of flags) applyFlag(flag, schema, inner);
  return { name, schema, inner };
}

function typeSchema(type: string): { schema: Schema; inner: Schema } {
  if (type.startsWith('{')) {
    const value = typeSchema(type.slice(1, -1));
    return { schema: { type: 'object', additionalProperties: value.schema }, inner: value.inner };
  }
  if (type.startsWith('[')) {
    const item = typeSchema(type.slice(1, -1));
    return { schema: { type: 'array', items: item.schema }, inner: item.inner };
  }
  const schema = scalarSchema(type);
  return { schema, inner: schema };
}

function scalarSchema(type: string): Schema {
  switch (type) {
    case '':
      return { type: 'object' };
    case 'int64-string':
      return { type: 'string', format: 'int64' };
    case 'date-time':
      return { type: 'string', format: 'date-time' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: type };
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default:
      return { type };
  }
}

function applyFlag(flag: string, schema: Schema, inner: Schema): void {
  const [key, value = ''] = flag.split('=', 2);
  const leaf = inner['type'] === 'object' ? schema : inner;
  switch (key) {
    case 'nullable':
      schema['nullable'] = true;
      break;
    case 'set-once':
      schema['x-kubernetes-validations'] = [
        { rule: 'oldSelf == 0 || self == oldSelf', message: 'is immutable once set' },
      ];
      break;
    case 'immutable':
      schema['x-kubernetes-validations'] = [{ rule: 'self == oldSelf', message: 'is immutable' }];
      break;
    case 'enum':
      leaf['enum'] = value.split(',').map((entry) => (leaf['type'] === 'integer' ? Number(entry) : entry));
      break;
    case 'required':
      inner['required'] = value.split(',');
      break;
    case 'min':
      leaf['minimum'] = Number(value);
      break;
    case 'max':
      leaf['maximum'] = Number(value);
      break;
    case 'minLength':
      leaf['minLength'] = Number(value);
      break;
    case 'default':
      leaf['default'] = value;
      break;
    default:
      break;
  }
}

/** Drops what the schema does not know, as the API server prunes: lets one literal serve all releases. */
export function prune<T>(value: T, schema: Schema): T {
  return pruneValue(value, schema) as T;
}

function pruneValue(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return value.map((item) => pruneValue(item, (schema['items'] ?? {}) as Schema));
  if (value === null || typeof value !== 'object') return value;
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  const additional = schema['additionalProperties'] as Schema | undefined;
  if (properties === undefined && additional === undefined) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const inner = properties?.[key] ?? additional;
    if (inner !== undefined) kept[key] = pruneValue(entry, inner);
  }
  return kept;
}
