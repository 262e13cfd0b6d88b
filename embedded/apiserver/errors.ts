/** Kubernetes' errors in Kubernetes' words (apimachinery:pkg/api/errors/errors.go@v0.36.2). */
import { StatusError } from './store.ts';
import type { ResourceType } from './resources/type.ts';
import { resourceName } from './resources/type.ts';

type Named = Pick<ResourceType, 'group' | 'plural'>;
type Kinded = Pick<ResourceType, 'group' | 'kind'>;

const about = (group: string, kind: string, name: string): { name?: string; group?: string; kind?: string } => ({
  ...(name === '' ? {} : { name }),
  ...(group === '' ? {} : { group }),
  ...(kind === '' ? {} : { kind }),
});

export function notFound(type: Named, name: string): StatusError {
  return new StatusError(
    404,
    'NotFound',
    `${resourceName(type)} "${name}" not found`,
    about(type.group, type.plural, name),
  );
}

/** What a path answers that names no served resource of a served group. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(type: Named, name: string, present: 'staying' | 'going' = 'staying'): StatusError {
  const message = `${resourceName(type)} "${name}" already exists`;
  return new StatusError(
    409,
    'AlreadyExists',
    present === 'staying' ? message : `object is being deleted: ${message}`,
    about(type.group, type.plural, name),
  );
}

export function conflict(type: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${resourceName(type)} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, about(type.group, type.plural, name));
}

export const staleObject =
  'the object has been modified; please apply your changes to the latest version and try again';

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function forbidden(type: Named, name: string, why: string): StatusError {
  const subject = name === '' ? resourceName(type) : `${resourceName(type)} "${name}"`;
  return new StatusError(403, 'Forbidden', `${subject} is forbidden: ${why}`, about(type.group, type.plural, name));
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

export function notSupported(type: Named, action: string): StatusError {
  const message = `${action} is not supported on resources of kind "${resourceName(type)}"`;
  return new StatusError(405, 'MethodNotAllowed', message, about(type.group, type.plural, ''));
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message);
}

export function tooLargeResourceVersion(asked: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** One complaint about one field; `toInvalid` makes the 422 of several. */
export interface FieldError {
  reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany';
  field: string;
  message: string;
}

/** How a value is shown in an error: strings quoted, the rest as JSON. */
export function shown(value: unknown): string {
  // No whole number to Go.
  if (typeof value === 'number' && Math.abs(value) >= 2 ** 63)
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  const text = JSON.stringify(value) ?? 'null';
  // Go quotes a text with other escapes than JSON.
  return typeof value === 'string' ? text.replace(/\\u00([01][0-9a-f])/g, '\\x$1') : text;
}

export function required(field: string, detail: string): FieldError {
  return {
    reason: 'FieldValueRequired',
    field,
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
  };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${shown(value)}: ${detail}` };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}

export function notSupportedValue(field: string, value: unknown, supported: readonly unknown[]): FieldError {
  const list = supported.map(shown).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${shown(value)}: supported values: ${list}`,
  };
}

export function invalid(type: Kinded, name: string, errors: readonly FieldError[]): StatusError {
  const qualified = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  // As utilerrors.Aggregate prints: duplicates once, several in brackets.
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const joined = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${joined}`, {
    ...about(type.group, type.kind, name),
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

/** A patch whose outcome is no object of the kind; it names neither kind nor object. */
export function invalidPatch(shownPatch: string, why: string): StatusError {
  const { field, ...cause } = invalidValue('patch', shownPatch, why);
  return new StatusError(422, 'Invalid', ` "" is invalid: ${field}: ${cause.message}`, {
    causes: [{ ...cause, field }],
  });
}
