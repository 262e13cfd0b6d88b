/** Complaints that several kinds share. */
import type { FieldError } from '../errors.ts';
import { invalidValue, required } from '../errors.ts';
import { labelNameComplaints } from './names.ts';

export const duplicate = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${JSON.stringify(value)}`,
});

export const notFoundValue = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueNotFound',
  field,
  message: `Not found: ${JSON.stringify(value)}`,
});

/** For a value that must be a DNS label. */
export function labelErrors(field: string, value: string): FieldError[] {
  return labelNameComplaints(value).map((complaint) => invalidValue(field, value, complaint));
}

/** A name that must be a label and that no earlier one of the list has. */
export function uniqueNameErrors(name: string, field: string, earlier: Set<string>): FieldError[] {
  if (name === '') return [required(field, '')];
  const errors = labelErrors(field, name);
  if (earlier.has(name)) errors.push(duplicate(field, name));
  earlier.add(name);
  return errors;
}
