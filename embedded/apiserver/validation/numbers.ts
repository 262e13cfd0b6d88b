/** Numbers against a schema (kube-openapi:pkg/validation/validate/validator.go and values.go@v0.36.2). */
import type { FieldError } from '../errors.ts';
import { invalidValue } from '../errors.ts';
import type { Schema } from './schema.ts';

const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  // What is beyond has become a fraction when it is decoded.
  int64: [-(2 ** 63), 2 ** 63],
};

export const isWhole = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 2 ** 63;

/** A number that is no number of the schema's type and format; the complaint is about no field. */
function rangeError({ type, format = '' }: Schema, value: number, path: string): FieldError[] {
  if (type !== 'integer') return [];
  const [least, most] = ranges[format] ?? [-Infinity, Infinity];
  if (isWhole(value) && value >= least && value <= most) return [];
  const wanted = format === '' ? 'integer (default format)' : `integer with format ${format}`;
  return [invalidValue('<nil>', '', `Checked value must be of type ${wanted} in ${path}`)];
}

function multipleError(value: number, multipleOf: number, path: string): FieldError[] {
  // A whole number is divided by the whole part.
  const factor = isWhole(value) ? Math.trunc(multipleOf) : multipleOf;
  if (factor <= 0)
    return [invalidValue(path, factor, `factor MultipleOf declared for ${path} must be positive: ${factor}`)];
  const holds = isWhole(value)
    ? value % factor === 0
    : Number.isSafeInteger(factor < 1 ? (1 / factor) * value : value / factor);
  return holds ? [] : [invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`)];
}

export function numberErrors(schema: Schema, value: number, path: string): FieldError[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const errors = rangeError(schema, value, path);
  if (multipleOf !== undefined) errors.push(...multipleError(value, multipleOf, path));
  if (minimum !== undefined && (value < minimum || (exclusiveMinimum === true && value === minimum))) {
    errors.push(
      invalidValue(
        path,
        value,
        `${path} in body should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`,
      ),
    );
  }
  if (maximum !== undefined && (value > maximum || (exclusiveMaximum === true && value === maximum))) {
    errors.push(
      invalidValue(
        path,
        value,
        `${path} in body should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`,
      ),
    );
  }
  return errors;
}
