/** Unknown and duplicate fields: refused, warned about or dropped, as `fieldValidation` asks. */
import { badRequest, invalidPatch } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import { writtenKeys } from '../validation/duplicates.ts';
import { decodeBuiltin, DecodeError, decodeMetadata, pruneToSchema } from '../validation/known-fields.ts';
import type { JsonObject } from '../validation/schema.ts';
import { readYaml } from '../wire/yaml.ts';
import { addWarning } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import type { FieldValidation } from './write-parameters.ts';

/**
 * Unknown and duplicate fields in the order in which the API server finds them: for built-in kinds as they are read, for
 * custom ones the duplicates first and the unknown ones sorted
 * (apiextensions-apiserver:pkg/apiserver/customresource_handler.go@v0.36.2).
 */
function complaints(type: ResourceType, unknown: readonly string[], text: string | undefined): string[] {
  const unknownText = (path: string): string => `unknown field "${path}"`;
  if (text === undefined) return unknown.toSorted().map(unknownText);
  if (!text.trimStart().startsWith('{'))
    return [...yamlComplaints(text), ...complaints(type, unknown, JSON.stringify(readYaml(text).value ?? {}))];
  const keys = writtenKeys(text);
  const repeated = (path: string): string => `duplicate field "${path}"`;
  if (type.custom !== undefined) {
    return [
      ...keys.filter((key) => key.repeated).map(({ path }) => repeated(path)),
      ...unknown.toSorted().map(unknownText),
    ];
  }
  const missing = new Set(unknown);
  return keys.flatMap(({ path, repeated: again }) =>
    missing.has(path) ? [unknownText(path)] : again ? [repeated(path)] : [],
  );
}

/** What a strict YAML parser says about keys that stand twice: all of them in one complaint. */
export function yamlComplaints(text: string): string[] {
  const lines = readYaml(text).repeated.map(
    ({ line, key }) => `\n  line ${line}: key ${JSON.stringify(key)} already set in map`,
  );
  return lines.length === 0 ? [] : [`yaml: unmarshal errors:${lines.join('')}`];
}

/** Removes unknown fields of `body` in place and returns what is wrong with it. @throws DecodeError for wrong types. */
function fieldComplaints(type: ResourceType, body: JsonObject, text: string | undefined): string[] {
  const unknown = pruneToSchema(type, body);
  if (type.custom === undefined) decodeBuiltin(type, body);
  else decodeMetadata(body['metadata']);
  return complaints(type, unknown, text);
}

/** Warns of a complaint, one warning for each line of what the YAML parser said. */
export function warnOfField(exchange: Exchange, complaint: string): void {
  const bare = complaint.replace(/^(?:error converting YAML to JSON: )?yaml: unmarshal errors:\n/, '');
  for (const line of bare === complaint ? [complaint] : bare.split('\n')) addWarning(exchange, line.trim());
}

const strictly = (found: readonly string[]): string => `strict decoding error: ${found.join(', ')}`;

/**
 * Removes unknown fields of the `body` of a create or replace, in place.
 * @param text the body as sent, which alone shows duplicate keys
 * @throws StatusError 400 for values of a wrong type, and in Strict mode for what is unknown.
 */
export function validateFields(
  exchange: Exchange,
  type: ResourceType,
  body: JsonObject,
  options: { text: string | undefined; mode: FieldValidation },
): void {
  const refuse = (why: string): never => {
    throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${why}`);
  };
  let found: string[] = [];
  try {
    found = fieldComplaints(type, body, options.text);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    refuse(error.message);
  }
  if (found.length === 0 || options.mode === 'Ignore') return;
  if (options.mode === 'Strict') refuse(strictly(found));
  for (const complaint of found) warnOfField(exchange, complaint);
}

/**
 * As `validateFields`, for what a patch made of an object.
 * @param patch `shown`: what the refusal quotes; `typeError`: how this patch type words a value of a wrong type
 * @throws StatusError 422 (apiserver:pkg/endpoints/handlers/patch.go@v0.36.2)
 */
export function validatePatched(
  exchange: Exchange,
  type: ResourceType,
  patched: JsonObject,
  patch: { text: string; shown: () => string; mode: FieldValidation; typeError: (error: DecodeError) => string },
): void {
  // Before the check, which removes what it complains about.
  const shown = patch.shown();
  const found = writtenKeys(patch.text).flatMap(({ path, repeated }) =>
    repeated ? [`duplicate field "${path}"`] : [],
  );
  try {
    found.push(...fieldComplaints(type, patched, undefined));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw invalidPatch(shown, patch.typeError(error));
  }
  if (found.length === 0 || patch.mode === 'Ignore') return;
  if (patch.mode === 'Strict') throw invalidPatch(shown, strictly(found));
  for (const complaint of found) warnOfField(exchange, complaint);
}
