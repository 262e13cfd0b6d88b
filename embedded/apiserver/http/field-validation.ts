/** Unknown and duplicate fields: refused, warned about or dropped, as `fieldValidation` asks. */
import { badRequest } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import { duplicateKeys } from '../validation/duplicates.ts';
import { decodeBuiltin, pruneToSchema } from '../validation/known-fields.ts';
import type { JsonObject } from '../validation/schema.ts';
import { addWarning } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import type { FieldValidation } from './write-parameters.ts';

function complaints(unknown: readonly string[], duplicate: readonly string[]): string[] {
  return [
    ...unknown.map((field) => `unknown field "${field}"`),
    ...duplicate.map((field) => `duplicate field "${field}"`),
  ];
}

/**
 * Removes unknown fields of `body` in place.
 * @param text the body as sent, which alone shows duplicate keys
 * @throws StatusError 400 in Strict mode.
 */
export function validateFields(
  exchange: Exchange,
  type: ResourceType,
  body: JsonObject,
  options: { text: string | undefined; mode: FieldValidation },
): void {
  const { text, mode } = options;
  const unknown = pruneToSchema(type, body);
  if (type.custom === undefined) decodeBuiltin(type, body);
  if (mode === 'Ignore') return;
  const found = complaints(unknown, text === undefined ? [] : duplicateKeys(text));
  if (found.length === 0) return;
  if (mode === 'Strict') {
    const strict = `strict decoding error: ${found.join(', ')}`;
    throw badRequest(
      type.custom === undefined ? `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${strict}` : strict,
    );
  }
  for (const complaint of found) addWarning(exchange, complaint);
}
