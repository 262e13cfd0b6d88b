/** Objects against an OpenAPI schema, with complaints in the order and the words of kube-openapi's validator (kube-openapi:pkg/validation). */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { invalidValue, notSupportedValue, required, shown } from '../errors.ts';
import { child, isObject, jsonType } from './schema.ts';
import type { JsonObject, Schema } from './schema.ts';

const always = new Set(['apiVersion', 'kind', 'metadata']);

/** apiextensions-apiserver:pkg/apiserver/validation/validation.go@v0.36.2 */
export function schemaErrors(schema: Schema, value: unknown, path = ''): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const errors = typeErrors(schema, value, path);
  if (typeof value === 'string') errors.push(...stringErrors(schema, value, path), ...formatErrors(schema, value, path));
  if (typeof value === 'number') errors.push(...numberErrors(schema, value, path));
  if (Array.isArray(value)) errors.push(...arrayErrors(schema, value, path));
  if (schema.enum !== undefined && !schema.enum.some((allowed) => isDeepStrictEqual(allowed, value))) errors.push(notSupportedValue(path, value, schema.enum));
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
const numericFormats: Readonly<Record<string, string>> = { integer: 'int64', number: 'double' };

function typeErrors(schema: Schema, value: unknown, path: string): FieldError[] {
  const found = jsonType(value);
  if (schema['x-kubernetes-int-or-string'] === true) {
    return found === 'integer' || found === 'string' ? [] : [typeInvalid(path, 'integer,string', found)];
  }
  const { type, format = '' } = schema;
  if (type === undefined || found === type || (type === 'number' && found === 'integer')) return [];
  const byFormat = format !== '' && !['string', 'array', 'null'].includes(found) && numericFormats[found] !== format;
  return [byFormat ? typeInvalid(path, format, numericFormats[found] ?? '') : typeInvalid(path, type, found)];
}

/** Only the first of them is reported. */
function stringErrors(schema: Schema, value: string, path: string): FieldError[] {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return [{ reason: 'FieldValueTooLong', field: path, message: `Too long: may not be more than ${schema.maxLength} bytes` }];
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
  return format === 'date-time' && Number.isNaN(Date.parse(value)) ? [typeInvalid(path, format, value)] : [];
}

function numberErrors(schema: Schema, value: number, path: string): FieldError[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const complaints: string[] = [];
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) complaints.push(`a multiple of ${multipleOf}`);
  if (minimum !== undefined && (value < minimum || (exclusiveMinimum === true && value === minimum))) {
    complaints.push(`greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (value > maximum || (exclusiveMaximum === true && value === maximum))) {
    complaints.push(`less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`);
  }
  return complaints.map((words) => invalidValue(path, value, `${path} in body should be ${words}`));
}

const tooMany = (path: string, found: number, most: number): FieldError => ({
  reason: 'FieldValueTooMany', field: path, message: `Too many: ${found}: must have at most ${most} items`,
});

function arrayErrors(schema: Schema, value: readonly unknown[], path: string): FieldError[] {
  const { items, minItems, maxItems } = schema;
  const errors = items === undefined ? [] : value.flatMap((item, index) => schemaErrors(items, item, `${path}[${index}]`));
  if (minItems !== undefined && value.length < minItems) errors.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  return errors;
}

function objectErrors(schema: Schema, value: JsonObject, path: string): FieldError[] {
  const { properties = {}, additionalProperties, minProperties, maxProperties } = schema;
  const errors: FieldError[] = [];
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties) errors.push(invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`));
  if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(path, count, maxProperties));
  const entries = Object.entries(value).filter(([key]) => path !== '' || !always.has(key));
  if (isObject(additionalProperties)) {
    for (const [key, item] of entries) if (properties[key] === undefined) errors.push(...schemaErrors(additionalProperties, item, child(path, key)));
  }
  for (const [key, item] of entries) {
    const property = properties[key];
    if (property !== undefined) errors.push(...schemaErrors(property, item, child(path, key)));
  }
  for (const name of schema.required ?? []) if (value[name] === undefined) errors.push(required(child(path, name), ''));
  return errors;
}
