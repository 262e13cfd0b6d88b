/** Schemas of definitions: what they must be to be structural (apiextensions-apiserver:pkg/apiserver/schema/validation.go@v0.36.2). */
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, notSupportedValue, required } from '../errors.ts';
import type { Payload } from '../store.ts';
import { isObject } from './schema.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

const unsupported = ['$ref', 'definitions', 'dependencies', 'patternProperties', 'id', 'additionalItems'];

/** What only the schema around a combination may say. */
const outside = [
  'type',
  'description',
  'title',
  'default',
  'nullable',
  'additionalProperties',
  'x-kubernetes-preserve-unknown-fields',
];

/** Complaints about a schema; `path` is where it stands. */
export function structureErrors(schema: Payload, path: string): FieldError[] {
  const forbidden = keywordErrors(schema, path);
  if (forbidden.length > 0) return forbidden;
  const errors = nestedErrors(schema, path);
  if (schema.type === undefined) errors.push(required(`${path}.type`, 'must not be empty at the root'));
  else if (schema.type !== 'object')
    errors.push(invalidValue(`${path}.type`, schema.type, 'must be object at the root'));
  return errors;
}

type Visit = (schema: Payload, path: string) => FieldError[];

/** The schemas in a schema, each with its place. */
function children(schema: Payload, path: string, visit: Visit): FieldError[] {
  const { properties, additionalProperties, items } = schema as Record<string, Payload>;
  return [
    ...Object.entries((properties ?? {}) as Record<string, Payload>).flatMap(([name, one]) =>
      visit(one, `${path}.properties[${name}]`),
    ),
    ...(isObject(additionalProperties) ? visit(additionalProperties, `${path}.additionalProperties`) : []),
    ...(isObject(items) ? visit(items, `${path}.items`) : []),
  ];
}

function keywordErrors(schema: Payload, path: string): FieldError[] {
  const errors = unsupported
    .filter((word) => schema[word] !== undefined)
    .map((word) => forbiddenField(`${path}.${word}`, `${word} is not supported`));
  if (schema.uniqueItems === true)
    errors.push(
      forbiddenField(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  if (Array.isArray(schema.items))
    errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'));
  if (
    schema.additionalProperties !== undefined &&
    schema.additionalProperties !== false &&
    Object.keys((schema.properties ?? {}) as object).length > 0
  ) {
    errors.push(
      forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  }
  const { type } = schema;
  if (type !== undefined && !types.includes(type as string))
    errors.push(notSupportedValue(`${path}.type`, type, types));
  if (type === 'array' && schema.items === undefined) errors.push(required(`${path}.items`, 'must be specified'));
  return [...errors, ...children(schema, path, keywordErrors)];
}

function nestedErrors(schema: Payload, path: string): FieldError[] {
  const errors = children(schema, path, (one, at) => {
    const anything = one['x-kubernetes-int-or-string'] === true || one['x-kubernetes-preserve-unknown-fields'] === true;
    const where = at.endsWith('.items') ? 'array items' : 'object fields';
    const own =
      one.type === undefined && !anything ? [required(`${at}.type`, `must not be empty for specified ${where}`)] : [];
    return [...own, ...nestedErrors(one, at)];
  });
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  for (const word of ['allOf', 'anyOf', 'oneOf'] as const) {
    ((schema[word] ?? []) as Payload[]).forEach((one, index) =>
      errors.push(...insideErrors(schema, one, `${path}.${word}[${index}]`)),
    );
  }
  if (isObject(schema.not)) errors.push(...insideErrors(schema, schema.not, `${path}.not`));
  return errors;
}

/** A combination may say what values are like, not what they are; the types of a number or text are the exception. */
function insideErrors(around: Payload, schema: Payload, path: string): FieldError[] {
  const mayHaveType = around['x-kubernetes-int-or-string'] === true;
  return outside
    .filter((word) => schema[word] !== undefined && schema[word] !== false && !(word === 'type' && mayHaveType))
    .map((word) =>
      forbiddenField(
        `${path}.${word}`,
        word === 'nullable' ? 'must be false to be structural' : 'must be empty to be structural',
      ),
    );
}
