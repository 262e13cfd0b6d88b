/** The schemas of built-in kinds, read from kinds.json when they are first needed. */
import { readFileSync } from 'node:fs';
import type { Schema } from '../validation/schema.ts';

/** The type of each field; a required field's name ends with `!`. */
type Model = Readonly<Record<string, string>>;

interface KindsFile {
  /** `group/version/Kind` → model. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, Model>>;
}

/** A schema that knows the name of its Go type, for error messages and for OpenAPI references. */
export interface NamedSchema extends Schema {
  readonly modelName?: string;
}

let file: KindsFile | undefined;

function load(): KindsFile {
  file ??= JSON.parse(readFileSync(new URL('./kinds.json', import.meta.url), 'utf8')) as KindsFile;
  return file;
}

const schemas = new Map<string, NamedSchema>();

const formats: Readonly<Record<string, string>> = { int32: 'integer', int64: 'integer', double: 'number' };

function typeSchema(text: string): NamedSchema {
  const [type = '', format = ''] = text.split('|');
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  const withFormat = (inner: string): string => (format === '' ? inner : `${inner}|${format}`);
  if (list !== undefined) return { type: 'array', items: typeSchema(withFormat(list)) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map !== undefined) return { type: 'object', additionalProperties: typeSchema(withFormat(map)) };
  switch (type) {
    case 'string':
      return format === '' ? { type: 'string' } : { type: 'string', format };
    case 'number':
      return { type: formats[format] ?? 'number', ...(format === '' ? {} : { format }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'Date':
      return { type: 'string', format: 'date-time' };
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    case 'IntOrString':
      return { 'x-kubernetes-int-or-string': true };
    default:
      // V1MicroTime is a class without fields in the models: a point in time, on the wire a string.
      return type.endsWith('MicroTime') ? { type: 'string', format: 'date-time' } : modelSchema(type);
  }
}

/** The schema of a model; recursive models refer to themselves. */
export function modelSchema(name: string): NamedSchema {
  const known = schemas.get(name);
  if (known !== undefined) return known;
  const model = load().models[name];
  if (model === undefined) return { 'x-kubernetes-preserve-unknown-fields': true };
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  const schema: NamedSchema = { type: 'object', properties, required, modelName: name };
  schemas.set(name, schema);
  for (const [marked, type] of Object.entries(model)) {
    const field = marked.replace(/!$/, '');
    if (field !== marked) required.push(field);
    properties[field] = typeSchema(type);
  }
  return schema;
}

/** The schema of a built-in kind; undefined when its fields are not known. */
export function kindSchema(type: { group: string; version: string; kind: string }): NamedSchema | undefined {
  const name = load().kinds[`${type.group}/${type.version}/${type.kind}`];
  return name === undefined ? undefined : modelSchema(name);
}

/** `V1PodSpec` → `PodSpec`: the Go type's name. */
export function goName(modelName: string): string {
  return modelName.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?/, '');
}

/** The model that declares a field of a kind, and the field's own name: `V1ObjectMeta`, `creationTimestamp`. */
export function declarationOf(
  type: { group: string; version: string; kind: string },
  path: string,
): { model: string; field: string } | undefined {
  const steps = path.split('.');
  const field = steps.pop() ?? '';
  let schema: NamedSchema | undefined = kindSchema(type) ?? { properties: { metadata: modelSchema('V1ObjectMeta') } };
  for (const step of steps) schema = schema?.properties?.[step];
  return schema?.modelName === undefined ? undefined : { model: schema.modelName, field };
}
