/** The verbs on stored objects: get, list, create, update, patch, delete, deletecollection. */
import { badRequest, invalid, invalidValue, notFound } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { applyConfiguration, trackUpdate } from '../patch/apply.ts';
import { jsonPatch } from '../patch/json.ts';
import { mergePatch } from '../patch/merge.ts';
import { strategicPatch } from '../patch/strategic.ts';
import { groupVersion } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { KubeObject, Payload } from '../store.ts';
import { mediaType, parseText, readBody, readObject, unsupportedMediaType } from './body.ts';
import { toCoreEvent } from './events-view.ts';
import { sendText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { validateFields } from './field-validation.ts';
import { listObjects, selectionOf } from './list.ts';
import { inVersion, listText, negotiate, objectText } from './represent.ts';
import type { Format } from './represent.ts';
import { fromScale, toScale } from './scale.ts';
import { writeParameters, deleteOptions } from './write-parameters.ts';
import type { WriteParameters } from './write-parameters.ts';
import { stringify } from 'yaml';

export interface Target {
  readonly store: ObjectStore;
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly timestamp: () => string;
}

export interface ObjectTarget extends Target {
  readonly name: string;
  readonly subresource: string | undefined;
}

function send(exchange: Exchange, status: number, text: string, format: Format): void {
  if (format.media === 'application/yaml') {
    sendText(exchange, status, stringify(JSON.parse(text)), 'application/yaml');
  } else sendText(exchange, status, text, 'application/json');
}

function sendObject(exchange: Exchange, type: ResourceType, object: KubeObject, status = 200): void {
  const format = negotiate(exchange.request.headers.accept);
  send(exchange, status, objectText(type, object, format), format);
}

function current(target: ObjectTarget): KubeObject {
  const { store, type, name } = target;
  const found = store.lookup(type, target);
  if (found === undefined) throw notFound(type, name);
  return found;
}

export function getObject(exchange: Exchange, target: ObjectTarget): void {
  const object = current(target);
  if (target.subresource === 'scale') sendText(exchange, 200, JSON.stringify(toScale(object)), 'application/json');
  else sendObject(exchange, target.type, object);
}

export function getList(exchange: Exchange, { store, type, namespace }: Target): void {
  const format = negotiate(exchange.request.headers.accept);
  const { objects, metadata } = listObjects(store, type, selectionOf(type, namespace, exchange.query), exchange.query);
  send(exchange, 200, listText(type, objects, metadata, format), format);
}

/** Checks kind, version and namespace of a body against the path. */
function checked(body: Payload, target: Target): KubeObject {
  const { type, namespace } = target;
  const expected = groupVersion(type);
  if (type.custom !== undefined && (body.kind ?? '') === '') throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(body)}'`);
  if ((body.apiVersion ?? expected) !== expected) {
    throw badRequest(`the API version in the data (${body.apiVersion}) does not match the expected API version (${expected})`);
  }
  if ((body.kind ?? type.kind) !== type.kind) {
    throw badRequest(`${body.kind} in version "${type.version}" cannot be handled as a ${type.kind}: no kind "${body.kind}" is registered for this endpoint`);
  }
  body.metadata ??= {};
  if (type.namespaced) {
    if ((body.metadata.namespace ?? namespace) !== namespace && body.metadata.namespace !== '') {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    body.metadata.namespace = namespace;
  } else delete body.metadata.namespace;
  return body as KubeObject;
}

function inStoredForm(type: ResourceType, object: KubeObject): KubeObject {
  return type.storedAs === 'events' && type.group !== '' ? toCoreEvent(object) : object;
}

export async function createFromBody(exchange: Exchange, target: Target): Promise<void> {
  const parameters = writeParameters(exchange, 'CreateOptions');
  const { body, text } = await readObject(exchange.request);
  const input = checked(body, target);
  validateFields(exchange, target.type, input, { text, mode: parameters.fieldValidation });
  sendObject(exchange, target.type, target.store.createAs(target.type, inStoredForm(target.type, input), parameters), 201);
}

export async function replaceFromBody(exchange: Exchange, target: ObjectTarget): Promise<void> {
  const parameters = writeParameters(exchange, 'UpdateOptions');
  const { body, text } = await readObject(exchange.request);
  if (target.subresource === 'scale') {
    const scaled = update(target, fromScale(current(target), body), current(target), parameters);
    sendText(exchange, 200, JSON.stringify(toScale(scaled)), 'application/json');
    return;
  }
  const input = checked(body, target);
  const given = (input.metadata.name as string | undefined) ?? '';
  if (given !== target.name) {
    throw badRequest(
      given === ''
        ? 'name must be provided'
        : `the name of the object (${given}) does not match the name on the URL (${target.name})`,
    );
  }
  validateFields(exchange, target.type, input, { text, mode: parameters.fieldValidation });
  sendObject(exchange, target.type, update(target, inStoredForm(target.type, input), current(target), parameters));
}

function update(target: ObjectTarget, next: KubeObject, old: KubeObject, parameters: WriteParameters): KubeObject {
  const { store, type, subresource, timestamp } = target;
  const draft = structuredClone(next);
  trackUpdate(old, draft, { manager: parameters.fieldManager, timestamp: timestamp(), subresource });
  // Scale edits the parent's spec, so it is a plain update of the parent.
  const through = subresource === undefined || subresource === 'scale' ? {} : { subresource };
  return store.updateAs(type, draft, { dryRun: parameters.dryRun, ...through });
}

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

export async function patchObject(exchange: Exchange, target: ObjectTarget): Promise<void> {
  const media = mediaType(exchange.request);
  checkPatchType(target.type, media);
  const parameters = writeParameters(exchange, 'PatchOptions', media === patchTypes.apply);
  const text = await readBody(exchange.request);
  if (media === patchTypes.apply) {
    applyBody(exchange, target, { text, parameters });
    return;
  }
  const patch = parseText(text, 'json');
  const old = current(target);
  const scale = target.subresource === 'scale';
  const shown: Payload = scale ? toScale(old) : inVersion(target.type, old);
  // A copy: what the patch left alone is still shared with the stored object.
  const patched: Payload = structuredClone(
    media === patchTypes.json ? jsonPatch(shown, patch) : media === patchTypes.merge ? mergePatch(shown, patch) : strategicPatch(shown, patch),
  );
  if (patched.metadata?.name !== target.name) {
    throw invalid(target.type, target.name, [invalidValue('metadata.name', patched.metadata?.name ?? '', 'field is immutable')]);
  }
  if (scale) {
    const scaled = update(target, fromScale(old, patched), old, parameters);
    sendText(exchange, 200, JSON.stringify(toScale(scaled)), 'application/json');
    return;
  }
  const next = checked(patched, target);
  validateFields(exchange, target.type, next, { text: undefined, mode: parameters.fieldValidation });
  sendObject(exchange, target.type, update(target, inStoredForm(target.type, next), old, parameters));
}

function applyBody(exchange: Exchange, target: ObjectTarget, request: { text: string; parameters: WriteParameters }): void {
  const { store, type, name, subresource, timestamp } = target;
  const { text, parameters } = request;
  const body = parseText(text, 'yaml');
  if ((body?.apiVersion ?? '') === '' || (body?.kind ?? '') === '') {
    throw badRequest(`error decoding YAML: Object 'Kind' is missing in '${text.trim()}'`);
  }
  const configuration = checked(body, target);
  if (((configuration.metadata as Payload).managedFields ?? []).length > 0) throw badRequest('metadata.managedFields must be nil');
  configuration.metadata.name = ((configuration.metadata.name as string | undefined) ?? '') === '' ? name : configuration.metadata.name;
  if (configuration.metadata.name !== name) {
    throw badRequest(`the name of the object (${configuration.metadata.name}) does not match the name on the URL (${name})`);
  }
  validateFields(exchange, type, configuration, { text: undefined, mode: parameters.fieldValidation });
  const old = store.lookup(type, target);
  const applied = applyConfiguration(old, configuration, {
    manager: parameters.fieldManager, force: parameters.force, timestamp: timestamp(), subresource,
  });
  if (old === undefined) {
    if (subresource !== undefined) throw notFound(type, name);
    sendObject(exchange, type, store.createAs(type, applied, parameters), 201);
  } else {
    const through = subresource === undefined ? {} : { subresource };
    sendObject(exchange, type, store.updateAs(type, applied, { dryRun: parameters.dryRun, ...through }));
  }
}

async function optionsBody(exchange: Exchange): Promise<Payload> {
  const { headers } = exchange.request;
  const empty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  return empty ? undefined : ((await readObject(exchange.request)).body);
}

export async function deleteObject(exchange: Exchange, target: ObjectTarget): Promise<void> {
  const { store, type, namespace, name } = target;
  const options = deleteOptions(exchange.query, await optionsBody(exchange));
  const { object, outcome } = store.deleteAs(type, { namespace, name }, options);
  if (outcome === 'terminating' || type.returnsDeleted) {
    sendObject(exchange, type, object);
    return;
  }
  const details = { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.plural, uid: object.metadata.uid };
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  sendText(exchange, 200, JSON.stringify(body), 'application/json');
}

export async function deleteCollection(exchange: Exchange, { store, type, namespace }: Target): Promise<void> {
  const options = deleteOptions(exchange.query, await optionsBody(exchange));
  const { objects } = listObjects(store, type, selectionOf(type, namespace, exchange.query), exchange.query);
  const gone = objects.map((object) => {
    const at = { namespace: object.metadata.namespace, name: object.metadata.name };
    return store.deleteAs(type, at, options).object;
  });
  const format = negotiate(exchange.request.headers.accept);
  send(exchange, 200, listText(type, gone, { resourceVersion: String(store.revision()) }, format), format);
}
