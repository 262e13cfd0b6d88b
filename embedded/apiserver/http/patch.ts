/** PATCH in its four types (apiserver:pkg/endpoints/handlers/patch.go@v0.36.2). */
import { badRequest, invalidPatch } from '../errors.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicPatch } from '../patch/strategic.ts';
import { groupVersion } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { KubeObject, Payload } from '../store.ts';
import type { DecodeError } from '../validation/known-fields.ts';
import { isObject } from '../validation/schema.ts';
import { goSyntaxError, goValueKind } from '../wire/go-json.ts';
import { goJson, goPrinted } from '../wire/go-print.ts';
import { applyBody } from './apply.ts';
import { readBody, unsupportedMediaType } from './body.ts';
import { checkCustomKind, checkName, kindFault, placed } from './decode.ts';
import { sendText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { validatePatched } from './field-validation.ts';
import { negotiate } from './negotiate.ts';
import { inVersion } from './represent.ts';
import { current, inStoredForm, sendObject, update } from './rest.ts';
import type { ObjectTarget } from './rest.ts';
import { fromScale, toScale } from './scale.ts';
import { dropRepeatedOwners, warnOfFinalizers, warnOfFormats } from './warnings.ts';
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
  // Null is a list of no operations, and no patch to merge.
  const patch: Payload = JSON.parse(text) ?? (media === patchTypes.json ? [] : undefined);
  if (patch === undefined && media === patchTypes.merge) throw badRequest('Invalid JSON Patch');
  const wanted = media === patchTypes.json ? '[]handlers.jsonPatchOp' : 'map[string]interface {}';
  const fits = media === patchTypes.json ? Array.isArray(patch) : isObject(patch);
  if (!fits)
    throw badRequest(`${introduction}json: cannot unmarshal ${goValueKind(patch)} into Go value of type ${wanted}`);
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
  // Compared as written, up to its parameters.
  const [media = ''] = (exchange.request.headers['content-type'] ?? '').split(';');
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
  const shown = (): Payload => (scale ? toScale(target.type, old, 'or none') : inVersion(target.type, old));
  // A copy: what the patch left alone is still shared with the stored object.
  const patched: Payload = structuredClone(patchedBy(media, shown(), patch));
  if (scale) {
    checkName(patched, target.name);
    patched.spec = { replicas: 0, ...(patched.spec ?? {}) };
    const scaled = update(target, fromScale(target.type, old, patched), old, parameters);
    sendText(exchange, 200, JSON.stringify(toScale(target.type, scaled)), 'application/json');
    return;
  }
  const next = decoded(exchange, target, patched, { media, text, patch, mode: parameters.fieldValidation });
  dropRepeatedOwners(exchange, next, 'after admission');
  const stored = update(target, inStoredForm(target.type, next), old, { ...parameters, precondition: 'none' });
  warnOfFinalizers(exchange, target.type, stored, old.metadata.finalizers ?? []);
  warnOfFormats(exchange, target.type, stored, old);
  sendObject(exchange, target.type, stored);
}

/** What a patch made of an object, as an object of the kind. A strategic patch cannot change what kind that is. */
function decoded(
  exchange: Exchange,
  target: ObjectTarget,
  patched: Payload,
  {
    media,
    text,
    patch,
    mode,
  }: { media: string; text: string; patch: Payload; mode: WriteParameters['fieldValidation'] },
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
  if (type.custom !== undefined) checkNamesKind(patched);
  const next = placed(type, target.namespace, patched);
  checkName(next, target.name);
  if (type.custom !== undefined) checkCustomKind(type, next);
  return next;
}

/** A custom object that no longer says what it is. @throws StatusError 422 or, without version, 500 */
function checkNamesKind(patched: Payload): void {
  if ((patched.kind ?? '') === '')
    throw invalidPatch(goJson(patched), `Object 'Kind' is missing in '${goJson(patched)}'`);
  if ((patched.apiVersion ?? '') === '') {
    throw new StatusError(
      500,
      'InternalError',
      "Internal error occurred: Object 'apiVersion' is missing in 'object has no apiVersion field'",
      {
        causes: [{ message: "Object 'apiVersion' is missing in 'object has no apiVersion field'" }],
      },
    );
  }
}
