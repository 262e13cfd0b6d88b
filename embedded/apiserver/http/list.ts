/** Lists: selection, paging, and lists of the past. */
import { posix } from 'node:path';
import { badRequest, expired, tooLargeResourceVersion } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ResourceType } from '../resources/type.ts';
import { parseFieldSelector } from '../selectors/fields.ts';
import { parseLabelSelector } from '../selectors/labels.ts';
import { keyOf } from '../storage/state.ts';
import { StatusError } from '../store.ts';
import type { KubeObject } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import { goSyntaxError } from '../wire/go-json.ts';
import { integerOf, listRevision } from './list-options.ts';
import type { ListMetadata } from './represent.ts';

export interface Selection {
  readonly prefix: string;
  matches(object: KubeObject): boolean;
  readonly everything: boolean;
}

export function selectionOf(type: ResourceType, namespace: string | undefined, query: URLSearchParams): Selection {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const labels = parseLabelSelector(labelText);
  const fields = parseFieldSelector(type, fieldText);
  return {
    prefix: namespace === undefined ? '' : `${namespace}/`,
    matches: (object) => labels(object.metadata.labels) && fields.matches(object),
    everything: labelText === '' && fieldText === '',
  };
}

/** The objects as they were at a revision, by undoing the writes since. @throws StatusError 410 when too long ago. */
function stateAt(store: ObjectStore, type: ResourceType, prefix: string, revision: number): readonly KubeObject[] {
  const since = store.journal.since(revision);
  if (since === undefined) throw expired(`The resourceVersion for the provided list is too old.`);
  const objects = new Map(
    store.scan(type.storedAs, prefix).map((object) => [keyOf(object.metadata.namespace, object.metadata.name), object]),
  );
  for (const entry of since.toReversed()) {
    if (entry.resource !== type.storedAs) continue;
    const key = keyOf(entry.object.metadata.namespace, entry.object.metadata.name);
    if (!key.startsWith(prefix)) continue;
    if (entry.previous === undefined) objects.delete(key);
    else objects.set(key, entry.previous);
  }
  return [...objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

interface Continuation {
  readonly revision: number;
  /** The first key that is wanted. */
  readonly start: string;
}

/** Reads a continue token. @throws StatusError 400 (apiserver:pkg/storage/continue.go@v0.36.2). */
function decodeContinue(token: string, prefix: string): Continuation {
  const refuse = (why: string): never => {
    throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
  };
  const odd = /[^A-Za-z0-9_-]/.exec(token);
  if (odd !== null) refuse(`illegal base64 data at input byte ${odd.index}`);
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const fault = goSyntaxError(text);
  if (fault !== undefined) refuse(fault);
  const read: unknown = JSON.parse(text);
  const { v = '', rv = 0, start = '' } = (isObject(read) ? read : {}) as { v?: string; rv?: number; start?: string };
  if (v !== 'meta.k8s.io/v1') refuse(`server does not recognize this encoded version ${v}`);
  if (rv === 0) refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (start === '') refuse('encoded start key empty (version meta.k8s.io/v1)');
  const key = start.startsWith('/') ? start : `/${start}`;
  if (posix.normalize(key) !== key) refuse(start);
  return { revision: rv, start: prefix + key.slice(1) };
}

/** @param revision -1 for whatever is there when the token is used */
function continueToken(revision: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `/${start}` })).toString('base64url');
}

const continueExpired =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue ' +
  'parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token ' +
  'results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and ' +
  'now may show up in the list.';

export interface ListResult {
  readonly objects: readonly KubeObject[];
  readonly metadata: ListMetadata;
}

/** @throws StatusError 400, 410 (the past is forgotten) or 504 (the revision has not been reached). */
export function listObjects(
  store: ObjectStore,
  type: ResourceType,
  selection: Selection,
  query: URLSearchParams,
): ListResult {
  const match = query.get('resourceVersionMatch') ?? '';
  // A list of any version comes whole (apiserver:pkg/storage/cacher/cacher.go computeListLimit@v0.36.2).
  const limit = (query.get('resourceVersion') ?? '') === '0' ? 0 : integerOf(query, 'limit');
  const token = query.get('continue') ?? '';
  const continued = token === '' ? undefined : decodeContinue(token, selection.prefix);
  const asked = listRevision(query);
  if (continued !== undefined && (asked ?? 0) > 0)
    throw badRequest('specifying resource version is not allowed when using continue');
  if (asked !== undefined && asked > store.revision()) throw tooLargeResourceVersion(asked, store.revision());

  const { prefix } = selection;
  let revision = store.revision();
  let start = '';
  if (continued !== undefined) {
    start = continued.start;
    if (continued.revision > 0) revision = continued.revision;
  } else if (asked !== undefined && (match === 'Exact' || (limit > 0 && match === '' && asked > 0))) revision = asked;
  let all: readonly KubeObject[];
  try {
    all = revision === store.revision() ? store.scan(type.storedAs, prefix) : stateAt(store, type, prefix, revision);
  } catch (error) {
    if (continued === undefined || !(error instanceof StatusError && error.code === 410)) throw error;
    const late = expired(continueExpired);
    late.continueWith = continueToken(-1, start.slice(prefix.length));
    throw late;
  }
  if (start !== '') all = all.filter((object) => keyOf(object.metadata.namespace, object.metadata.name) >= start);
  const selected = selection.everything ? all : all.filter((object) => selection.matches(object));
  const objects = limit > 0 ? selected.slice(0, limit) : selected;
  const last = objects.at(-1);
  // Whether anything that is left matches shows only when it is asked for.
  const whole = objects.length < limit || limit <= 0 || last === all.at(-1);
  if (whole || last === undefined) return { objects, metadata: { resourceVersion: String(revision) } };
  const next = keyOf(last.metadata.namespace, last.metadata.name).slice(prefix.length);
  return {
    objects,
    metadata: {
      resourceVersion: String(revision),
      continue: continueToken(revision, `${next}\u0000`),
      // One more than is left: what kube-apiserver 1.36.2 answers (recorded "limit 1" and "continue").
      ...(selection.everything ? { remainingItemCount: selected.length - limit + 1 } : {}),
    },
  };
}
