/** Objects against an OpenAPI schema, with complaints in the order and the words of kube-openapi's validator (kube-openapi:pkg/validation). */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { invalidValue, notSupportedValue, required, shown } from '../errors.ts';
import { breaksFormat, isRecognizedFormat } from './formats.ts';
import { isWhole, numberErrors } from './numbers.ts';
import { child, isObject, jsonType } from './schema.ts';
import type { JsonObject, Schema } from './schema.ts';

const always = new Set(['apiVersion', 'kind', 'metadata']);

/** apiextensions-apiserver:pkg/apiserver/validation/validation.go@v0.36.2 */
export function schemaErrors(schema: Schema, value: unknown, path = ''): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const errors = [...typeErrors(schema, value, path), ...combinationErrors(schema, value, path)];
  if (typeof value === 'string')
    errors.push(...stringErrors(schema, value, path), ...formatErrors(schema, value, path));
  if (typeof value === 'number') errors.push(...numberErrors(schema, value, path));
  if (Array.isArray(value)) errors.push(...arrayErrors(schema, value, path));
  if (schema.enum !== undefined && !schema.enum.some((allowed) => isDeepStrictEqual(allowed, value)))
    errors.push(notSupportedValue(path, value, schema.enum));
  if (isObject(value)) errors.push(...objectErrors(schema, value, path));
  return errors;
}

function typeInvalid(path: string, wanted: string, found: string): FieldError {
  return {
    reason: 'FieldValueTypeInvalid',
    field: path === '' ? '<nil>' : path,
    message: `Invalid value: ${shown(found)}: ${path} in body must be of type ${wanted}: ${shown(found)}`,
  };
}

// What a number is called where the schema has a format.
const numericFormats: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' };

function typeErrors(schema: Schema, value: unknown, path: string): FieldError[] {
  const found = typeof value === 'number' && !isWhole(value) ? 'number' : jsonType(value);
  if (schema['x-kubernetes-int-or-string'] === true) {
    return found === 'integer' || found === 'string' ? [] : [typeInvalid(path, 'integer,string', found)];
  }
  const { type } = schema;
  // A format that the type does not have is none.
  const format = schema.format !== undefined && isRecognizedFormat(type, schema.format) ? schema.format : '';
  if (type === undefined || found === type || (type === 'number' && found === 'integer')) return [];
  const byFormat = format !== '' && !['string', 'array', 'null'].includes(found) && numericFormats[found] !== format;
  return [byFormat ? typeInvalid(path, format, numericFormats[found] ?? '') : typeInvalid(path, type, found)];
}

/** Only the first of them is reported. */
function stringErrors(schema: Schema, value: string, path: string): FieldError[] {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return [
      { reason: 'FieldValueTooLong', field: path, message: `Too long: may not be more than ${schema.maxLength} bytes` },
    ];
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    return [invalidValue(path, value, `${path} in body should be at least ${schema.minLength} chars long`)];
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    return [invalidValue(path, value, `${path} in body should match '${schema.pattern}'`)];
  }
  return [];
}

function formatErrors({ format }: Schema, value: string, path: string): FieldError[] {
  return format !== undefined && breaksFormat(format, value) ? [typeInvalid(path, format, value)] : [];
}

const ofNoField = (what: string): FieldError => invalidValue('<nil>', '', what);

/** What a schema says by others: of those that none holds for, the one that says least is told of. */
function combinationErrors({ anyOf, oneOf, allOf, not }: Schema, value: unknown, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (anyOf !== undefined) {
    const outcomes = anyOf.map((one) => schemaErrors(one, value, path));
    if (outcomes.every(({ length }) => length > 0))
      errors.push(ofNoField(`"${path}" must validate at least one schema (anyOf)`), ...(outcomes[0] ?? []));
  }
  if (oneOf !== undefined) {
    const outcomes = oneOf.map((one) => schemaErrors(one, value, path));
    const held = outcomes.filter(({ length }) => length === 0).length;
    if (held !== 1) {
      const found = held === 0 ? 'Found none valid' : `Found ${held} valid alternatives`;
      errors.push(
        ofNoField(`"${path}" must validate one and only one schema (oneOf). ${found}`),
        ...(held === 0 ? (outcomes[0] ?? []) : []),
      );
    }
  }
  if (allOf !== undefined) {
    const outcomes = allOf.map((one) => schemaErrors(one, value, path));
    errors.push(...outcomes.flat());
    const held = outcomes.filter(({ length }) => length === 0).length;
    if (held < allOf.length)
      errors.push(ofNoField(`"${path}" must validate all the schemas (allOf)${held === 0 ? '. None validated' : ''}`));
  }
  if (not !== undefined && schemaErrors(not, value, path).length === 0)
    errors.push(ofNoField(`"${path}" must not validate the schema (not)`));
  return errors;
}

const tooMany = (path: string, found: number, most: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field: path,
  message: `Too many: ${found}: must have at most ${most} items`,
});

function arrayErrors(schema: Schema, value: readonly unknown[], path: string): FieldError[] {
  const { items, minItems, maxItems } = schema;
  const errors =
    items === undefined ? [] : value.flatMap((item, index) => schemaErrors(items, item, `${path}[${index}]`));
  if (minItems !== undefined && value.length < minItems)
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  return errors;
}

function objectErrors(schema: Schema, value: JsonObject, path: string): FieldError[] {
  const { properties = {}, additionalProperties, minProperties, maxProperties } = schema;
  const errors: FieldError[] = [];
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties)
    errors.push(invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(path, count, maxProperties));
  const entries = Object.entries(value).filter(([key]) => path !== '' || !always.has(key));
  if (isObject(additionalProperties)) {
    for (const [key, item] of entries)
      if (properties[key] === undefined) errors.push(...schemaErrors(additionalProperties, item, child(path, key)));
  }
  for (const [key, item] of entries) {
    const property = properties[key];
    if (property !== undefined) errors.push(...schemaErrors(property, item, child(path, key)));
  }
  for (const name of schema.required ?? []) if (value[name] === undefined) errors.push(required(child(path, name), ''));
  return errors;
}
