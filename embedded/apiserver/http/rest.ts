/** The verbs on stored objects: get, list, create, update, delete, deletecollection. */
import { badRequest, notFound, tooLargeResourceVersion } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { trackCreate, trackUpdate } from '../patch/apply.ts';
import { defaultsOf } from '../resources/defaults.ts';
import { groupVersion, resourceName } from '../resources/type.ts';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { KubeObject, Payload } from '../store.ts';
import { completeCustom } from '../validation/structural.ts';
import { DecodeError, decodeModel } from '../validation/known-fields.ts';
import { readObject } from './body.ts';
import { checkKind, checkName, placed } from './decode.ts';
import { toCoreEvent } from './events-view.ts';
import { sendStatus, sendText } from './exchange.ts';
import { dropRepeatedOwners, warnOfFinalizers, warnOfFormats, warnOfPodName } from './warnings.ts';
import type { Exchange } from './exchange.ts';
import { validateFields } from './field-validation.ts';
import { listObjects, selectionOf } from './list.ts';
import { checkListOptions, plainRevision } from './list-options.ts';
import { negotiate } from './negotiate.ts';
import type { Format } from './negotiate.ts';
import { yamlText } from '../wire/yaml.ts';
import { listText, objectText } from './represent.ts';
import { fromScale, toScale } from './scale.ts';
import { writeParameters, deleteOptions } from './write-parameters.ts';
import type { WriteParameters } from './write-parameters.ts';

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
    sendText(exchange, status, yamlText(text), 'application/yaml');
  } else sendText(exchange, status, text, 'application/json');
}

export function sendObject(exchange: Exchange, type: ResourceType, object: KubeObject, status = 200): void {
  const format = negotiate(exchange, type);
  send(exchange, status, objectText(type, object, format), format);
}

export function current(target: ObjectTarget): KubeObject {
  const { store, type, name } = target;
  const found = store.lookup(type, target);
  if (found === undefined) throw notFound(type, name);
  return found;
}

export function getObject(exchange: Exchange, target: ObjectTarget): void {
  negotiate(exchange, target.type);
  const asked = plainRevision(exchange.query);
  const revision = target.store.revision();
  if (asked !== undefined && asked > revision) throw tooLargeResourceVersion(asked, revision);
  const object = current(target);
  if (target.subresource === 'scale')
    sendText(exchange, 200, JSON.stringify(toScale(target.type, object)), 'application/json');
  else sendObject(exchange, target.type, object);
}

export function getList(exchange: Exchange, { store, type, namespace }: Target): void {
  const format = negotiate(exchange, type, 'list');
  checkListOptions(exchange.query);
  const { objects, metadata } = listObjects(store, type, selectionOf(type, namespace, exchange.query), exchange.query);
  send(exchange, 200, listText(type, objects, metadata, format), format);
}

/** Checks kind, version and namespace of a body against the path. */
function checked(body: Payload, target: Target, text?: string): KubeObject {
  checkKind(target.store.registry, target.type, body, text);
  return placed(target.type, target.namespace, body);
}

export function inStoredForm(type: ResourceType, object: KubeObject): KubeObject {
  return type.storedAs === 'events' && type.group !== '' ? toCoreEvent(object) : object;
}

export async function createFromBody(exchange: Exchange, target: Target): Promise<void> {
  negotiate(exchange, target.type);
  const parameters = writeParameters(exchange, 'CreateOptions');
  const { body, text } = await readObject(exchange.request, target.type);
  const input = checked(body, target, text);
  validateFields(exchange, target.type, input, { text, mode: parameters.fieldValidation });
  created(exchange, target, input, parameters);
}

/** Kinds that a replacement creates when there is none (AllowCreateOnUpdate in kubernetes:pkg/registry). */
const createdByUpdate: ReadonlySet<string> = new Set([
  'endpoints',
  'events',
  'limitranges',
  'leases.coordination.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
]);

/** Creates the object and answers with it. */
function created(
  exchange: Exchange,
  { store, type, timestamp }: Target,
  input: KubeObject,
  parameters: WriteParameters,
): void {
  const draft = inStoredForm(type, input);
  draft.apiVersion = groupVersion(type);
  dropRepeatedOwners(exchange, draft, 'at once');
  completeCustom(type, draft);
  defaultsOf(resourceName(type))?.(draft, undefined);
  // Nothing begins with its end.
  delete draft.metadata.deletionTimestamp;
  delete draft.metadata.deletionGracePeriodSeconds;
  trackCreate(draft, { type, manager: parameters.fieldManager, timestamp: timestamp(), subresource: undefined });
  const stored = store.createAs(type, draft, parameters);
  warnOfFinalizers(exchange, type, stored, []);
  warnOfPodName(exchange, type, stored.metadata.name);
  warnOfFormats(exchange, type, stored, undefined);
  sendObject(exchange, type, stored, 201);
}

export async function replaceFromBody(exchange: Exchange, target: ObjectTarget): Promise<void> {
  negotiate(exchange, target.type);
  const parameters = writeParameters(exchange, 'UpdateOptions');
  const { body, text } = await readObject(exchange.request, target.type);
  if (target.subresource === 'scale') {
    checkName(body, target.name);
    const scaled = update(target, fromScale(target.type, current(target), body), current(target), parameters);
    sendText(exchange, 200, JSON.stringify(toScale(target.type, scaled)), 'application/json');
    return;
  }
  const input = checked(body, target, text);
  checkName(input, target.name);
  validateFields(exchange, target.type, input, { text, mode: parameters.fieldValidation });
  const { store, type, subresource } = target;
  if (
    createdByUpdate.has(resourceName(type)) &&
    subresource === undefined &&
    store.lookup(type, target) === undefined
  ) {
    created(exchange, target, input, parameters);
    return;
  }
  const old = current(target);
  dropRepeatedOwners(exchange, input, 'at once');
  const replaced = update(target, inStoredForm(target.type, input), old, parameters);
  warnOfFinalizers(exchange, target.type, replaced, old.metadata.finalizers ?? []);
  warnOfFormats(exchange, target.type, replaced, old);
  sendObject(exchange, target.type, replaced);
}

export function update(
  target: ObjectTarget,
  next: KubeObject,
  old: KubeObject,
  parameters: WriteParameters & { readonly precondition?: 'uid' | 'none' },
): KubeObject {
  const { store, type, subresource, timestamp } = target;
  const draft = structuredClone(next);
  completeCustom(type, draft);
  defaultsOf(resourceName(type))?.(draft, old);
  trackUpdate(old, draft, { type, manager: parameters.fieldManager, timestamp: timestamp(), subresource });
  // Scale edits the parent's spec, so it is a plain update of the parent.
  const through = subresource === undefined || subresource === 'scale' ? {} : { subresource };
  return store.updateAs(type, draft, {
    dryRun: parameters.dryRun,
    precondition: parameters.precondition ?? 'uid',
    ...through,
  });
}

async function optionsBody(exchange: Exchange): Promise<Payload> {
  const { headers } = exchange.request;
  const empty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  if (empty) return undefined;
  try {
    const { body } = await readObject(exchange.request, { kind: 'DeleteOptions' });
    decodeModel('V1DeleteOptions', body);
    return body;
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message);
    if (!(error instanceof StatusError && error.code === 400)) throw error;
    // Said without the introduction that other bodies get: apiserver:pkg/endpoints/handlers/delete.go@v0.36.2.
    throw badRequest(
      error.message.replace(/^the object provided is unrecognized \(must be of type \w+\): ([^]*) \([^()]*\)$/, '$1'),
    );
  }
}

export async function deleteObject(exchange: Exchange, target: ObjectTarget): Promise<void> {
  const { store, type, namespace, name } = target;
  negotiate(exchange, type);
  const options = deleteOptions(exchange.query, await optionsBody(exchange));
  const { object, outcome } = store.deleteAs(type, { namespace, name }, options);
  if (outcome === 'terminating' || type.returnsDeleted) {
    // 202 where somebody asked, in the old words, that dependents go too (apiserver:pkg/endpoints/handlers/delete.go@v0.36.2).
    sendObject(exchange, type, object, outcome === 'terminating' && options.orphanDependents === false ? 202 : 200);
    return;
  }
  const details = {
    name,
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
    uid: object.metadata.uid,
  };
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  sendStatus(exchange, 200, body);
}

/** Deletes what a list of the same query has, and answers with that list as it was before. */
export async function deleteCollection(exchange: Exchange, { store, type, namespace }: Target): Promise<void> {
  const format = negotiate(exchange, type, 'list');
  checkListOptions(exchange.query);
  const selection = selectionOf(type, namespace, exchange.query);
  const options = deleteOptions(exchange.query, await optionsBody(exchange));
  const { objects, metadata } = listObjects(store, type, selection, exchange.query);
  for (const { metadata: of } of objects) {
    try {
      store.deleteAs(type, { namespace: of.namespace, name: of.name }, options);
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error;
    }
  }
  send(exchange, 200, listText(type, objects, metadata, format), format);
}
