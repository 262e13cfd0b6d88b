/** PATCH in its four types (apiserver:pkg/endpoints/handlers/patch.go@v0.36.2). */
import { badRequest, conflict, invalidPatch, notFound } from '../errors.ts';
import { applyConfiguration } from '../patch/apply.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicPatch } from '../patch/strategic.ts';
import { typeFaults } from '../patch/typed.ts';
import { groupVersion } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { KubeObject, Payload } from '../store.ts';
import type { DecodeError } from '../validation/known-fields.ts';
import { pruneToSchema } from '../validation/known-fields.ts';
import { isObject } from '../validation/schema.ts';
import { goSyntaxError, goValueKind } from '../wire/go-json.ts';
import { goJson, goPrinted } from '../wire/go-print.ts';
import { readYaml } from '../wire/yaml.ts';
import { mediaType, readBody, unsupportedMediaType } from './body.ts';
import { checkCustomKind, checkName, kindFault, placed } from './decode.ts';
import { sendText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { validateFields, validatePatched, warnOfField, yamlComplaints } from './field-validation.ts';
import { negotiate } from './negotiate.ts';
import { inVersion } from './represent.ts';
import { current, inStoredForm, sendObject, update } from './rest.ts';
import type { ObjectTarget } from './rest.ts';
import { fromScale, toScale } from './scale.ts';
import { dropRepeatedOwners, warnOfFinalizers } from './warnings.ts';
import { writeParameters } from './write-parameters.ts';
import type { WriteParameters } from './write-parameters.ts';

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

function checkPatchType(type: ResourceType, media: string): void {
  const offered: readonly string[] =
    type.custom === undefined ? Object.values(patchTypes) : [patchTypes.json, patchTypes.merge, patchTypes.apply];
  if (offered.includes(media)) return;
  // Built-in kinds are refused by the router, custom ones by their handler.
  if (type.custom === undefined) throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  throw unsupportedMediaType(offered);
}

/** Reads a patch that is JSON. Which Go type it is read into shows in the refusals. */
function parsePatch(text: string, media: string): Payload {
  const fault = goSyntaxError(text);
  // A strategic patch is refused without the introduction.
  const introduction = media === patchTypes.strategic ? '' : 'error decoding patch: ';
  if (fault !== undefined) throw badRequest(`${introduction}${fault}`);
  const patch: Payload = JSON.parse(text);
  const wanted = media === patchTypes.json ? '[]handlers.jsonPatchOp' : 'map[string]interface {}';
  const fits = media === patchTypes.json ? Array.isArray(patch) : isObject(patch);
  if (!fits) throw badRequest(`${introduction}json: cannot unmarshal ${goValueKind(patch)} into Go value of type ${wanted}`);
  return patch;
}

function patchedBy(media: string, shown: Payload, patch: Payload): Payload {
  if (media === patchTypes.json) return jsonPatch(shown, patch);
  return media === patchTypes.merge ? mergePatch(shown, patch) : strategicPatch(shown, patch);
}

/** How the converter behind strategic patches words a wrong type (apimachinery:pkg/runtime/converter.go@v0.36.2). */
function conversionError({ message, mismatch }: DecodeError): string {
  if (mismatch === undefined) return message;
  const { found, wanted } = mismatch;
  const from = found === 'number' ? 'int64' : found;
  if (wanted.startsWith('map[')) return `cannot restore map from ${from}`;
  if (wanted.startsWith('[]')) return `cannot restore slice from ${from}`;
  return wanted.startsWith('v1.') ? `cannot restore struct from: ${from}` : `cannot convert ${from} to ${wanted}`;
}

/** @throws StatusError 400, 404, 409, 415 or 422 in the server's words. */
export async function patchObject(exchange: Exchange, target: ObjectTarget): Promise<void> {
  const media = mediaType(exchange.request);
  checkPatchType(target.type, media);
  negotiate(exchange, target.type);
  const parameters = writeParameters(exchange, 'PatchOptions', media === patchTypes.apply);
  const text = await readBody(exchange.request);
  if (media === patchTypes.apply) {
    applyBody(exchange, target, { text, parameters });
    return;
  }
  const old = current(target);
  const patch = parsePatch(text, media);
  const scale = target.subresource === 'scale';
  // A copy: what the patch left alone is still shared with the stored object.
  const patched: Payload = structuredClone(patchedBy(media, scale ? toScale(target.type, old) : inVersion(target.type, old), patch));
  if (scale) {
    const scaled = update(target, fromScale(target.type, old, patched), old, parameters);
    sendText(exchange, 200, JSON.stringify(toScale(target.type, scaled)), 'application/json');
    return;
  }
  const next = decoded(exchange, target, patched, { media, text, patch, mode: parameters.fieldValidation });
  dropRepeatedOwners(exchange, next, 'after admission');
  const stored = update(target, inStoredForm(target.type, next), old, { ...parameters, precondition: 'none' });
  warnOfFinalizers(exchange, target.type, stored, old.metadata.finalizers ?? []);
  sendObject(exchange, target.type, stored);
}

/** What a patch made of an object, as an object of the kind. A strategic patch cannot change what kind that is. */
function decoded(
  exchange: Exchange,
  target: ObjectTarget,
  patched: Payload,
  { media, text, patch, mode }: { media: string; text: string; patch: Payload; mode: WriteParameters['fieldValidation'] },
): KubeObject {
  const { type, store } = target;
  const strategic = media === patchTypes.strategic;
  if (strategic) Object.assign(patched, { kind: type.kind, apiVersion: groupVersion(type) });
  const fault = type.custom === undefined ? kindFault(store.registry, type, patched) : undefined;
  if (fault !== undefined) throw invalidPatch(goJson(patched), fault);
  validatePatched(exchange, type, patched, {
    text,
    shown: () => (strategic ? goPrinted(patch) : goJson(patched)),
    mode,
    typeError: strategic ? conversionError : ({ message }) => message,
  });
  const next = placed(type, target.namespace, patched);
  checkName(next, target.name);
  if (type.custom !== undefined) checkCustomKind(type, next);
  return next;
}

function parseConfiguration(type: ResourceType, text: string): Payload {
  let body: Payload;
  try {
    body = readYaml(text).value ?? {};
  } catch (error) {
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${(error as Error).message}`);
  }
  if (!isObject(body)) throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goValueKind(body)} into Go value of type map[string]interface {}`);
  const expected = groupVersion(type);
  const given = (body['apiVersion'] as string | undefined) ?? '';
  if (given !== expected) throw badRequest(`Incorrect version specified in apply patch. Specified patch version: ${given}, expected: ${expected}`);
  if (((body['metadata'])?.managedFields ?? []).length > 0) throw badRequest('metadata.managedFields must be nil');
  return body;
}

/** Server-side apply knows every field by its type; what it does not know is an error of the server. */
function checkTyped(exchange: Exchange, target: ObjectTarget, configuration: KubeObject, parameters: WriteParameters): void {
  const { type } = target;
  const { namespace = '', name = '' } = configuration.metadata as Partial<KubeObject['metadata']>;
  const about = `${namespace}/${name}; ${type.group}/${type.version}, Kind=${configuration.kind}`;
  const refuse = (why: string): never => {
    throw new StatusError(500, '', `failed to create typed patch object (${about}): ${why}`);
  };
  if (configuration.kind !== type.kind) refuse(`no corresponding type for ${type.group}/${type.version}, Kind=${configuration.kind}`);
  const undeclared = pruneToSchema(type, structuredClone(configuration)).map((path) => `.${path}: field not declared in schema`);
  const wrong = [...typeFaults(type, configuration), ...undeclared];
  if (wrong.length > 1) refuse(`errors:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  else if (wrong[0] !== undefined) refuse(wrong[0]);
  validateFields(exchange, type, configuration, { text: undefined, mode: parameters.fieldValidation });
}

function applyBody(exchange: Exchange, target: ObjectTarget, request: { text: string; parameters: WriteParameters }): void {
  const { store, type, name, subresource, timestamp } = target;
  const { parameters } = request;
  const body = parseConfiguration(type, request.text);
  const uid = body.metadata?.uid as string | undefined;
  body.kind ??= '';
  body.metadata ??= {};
  checkTyped(exchange, target, body, parameters);
  const old = store.lookup(type, target);
  // What is applied is merged into the object, which brings its name; a new one has none but what is applied.
  if (old !== undefined) body.metadata.name ??= name;
  const configuration = placed(type, target.namespace, body);
  checkName(configuration, name);
  const { fieldManager: manager, force } = parameters;
  const applied = applyConfiguration(old, configuration, { manager, force, timestamp: timestamp(), subresource });
  const [repeated] = yamlComplaints(request.text).map((complaint) => `error converting YAML to JSON: ${complaint}`);
  if (repeated !== undefined && parameters.fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${repeated}`);
  if (repeated !== undefined && parameters.fieldValidation === 'Warn') warnOfField(exchange, repeated);
  if (old === undefined) {
    if (subresource !== undefined) throw notFound(type, name);
    if ((uid ?? '') !== '') throw conflict(type, name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
    sendObject(exchange, type, store.createAs(type, applied, parameters), 201);
  } else {
    const through = subresource === undefined ? {} : { subresource };
    sendObject(exchange, type, store.updateAs(type, applied, { dryRun: parameters.dryRun, precondition: 'none', ...through }));
  }
}
