/** Lists: selection, paging, and lists of the past. */
import { badRequest, expired, tooLargeResourceVersion } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ResourceType } from '../resources/type.ts';
import { parseFieldSelector } from '../selectors/fields.ts';
import { parseLabelSelector } from '../selectors/labels.ts';
import { keyOf } from '../storage/state.ts';
import { StatusError } from '../store.ts';
import type { KubeObject } from '../store.ts';
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

/** A resourceVersion parameter. @throws StatusError 400 when it is not a number. */
export function parseRevision(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) {
    throw badRequest(`Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/** The objects as they were at a revision, by undoing the writes since. @throws StatusError 410 when too long ago. */
function stateAt(store: ObjectStore, type: ResourceType, prefix: string, revision: number): readonly KubeObject[] {
  const since = store.journal.since(revision);
  if (since === undefined) throw expired(`The resourceVersion for the provided list is too old.`);
  const objects = new Map(store.scan(type.storedAs, prefix).map((object) => [keyOf(object.metadata.namespace, object.metadata.name), object]));
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

function decodeContinue(token: string, prefix: string): Continuation {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as { v: string; rv: number; start: string };
    if (v === 'meta.k8s.io/v1' && typeof rv === 'number' && typeof start === 'string' && start !== '') {
      return { revision: rv, start: prefix + start.replace(/^\//, '') };
    }
  } catch {
    // Not a token of ours: answered below like any other unreadable one.
  }
  throw badRequest('continue key is not valid: server does not recognize this encoded version');
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
export function listObjects(store: ObjectStore, type: ResourceType, selection: Selection, query: URLSearchParams): ListResult {
  const asked = parseRevision(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch') ?? '';
  const limit = Number(query.get('limit') ?? '0');
  const token = query.get('continue') ?? '';
  checkMatch(match, asked, token);
  if (asked !== undefined && asked > store.revision()) throw tooLargeResourceVersion(asked, store.revision());

  const { prefix } = selection;
  let revision = store.revision();
  let start = '';
  if (token !== '') {
    const continuation = decodeContinue(token, prefix);
    start = continuation.start;
    if (continuation.revision > 0) revision = continuation.revision;
  } else if (asked !== undefined && (match === 'Exact' || (limit > 0 && match === '' && asked > 0))) revision = asked;
  let all: readonly KubeObject[];
  try {
    all = revision === store.revision() ? store.scan(type.storedAs, prefix) : stateAt(store, type, prefix, revision);
  } catch (error) {
    throw token !== '' && error instanceof StatusError && error.code === 410 ? expired(continueExpired) : error;
  }
  if (start !== '') all = all.filter((object) => keyOf(object.metadata.namespace, object.metadata.name) >= start);
  const selected = selection.everything ? all : all.filter((object) => selection.matches(object));
  const objects = limit > 0 ? selected.slice(0, limit) : selected;
  const last = objects.at(-1);
  if (objects.length === selected.length || last === undefined) return { objects, metadata: { resourceVersion: String(revision) } };
  const next = keyOf(last.metadata.namespace, last.metadata.name).slice(prefix.length);
  return {
    objects,
    metadata: {
      resourceVersion: String(revision),
      continue: Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `/${next}\u0000` })).toString('base64url'),
      // One more than is left: what kube-apiserver 1.36.2 answers (recorded "limit 1" and "continue").
      ...(selection.everything ? { remainingItemCount: selected.length - limit + 1 } : {}),
    },
  };
}

function checkMatch(match: string, asked: number | undefined, token: string): void {
  if (match === '') return;
  const fail = (message: string): never => {
    throw new StatusError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ${message}`, {
      group: 'meta.k8s.io', kind: 'ListOptions',
      causes: [{ reason: 'FieldValueForbidden', message: `Forbidden: ${message}`, field: 'resourceVersionMatch' }],
    });
  };
  if (asked === undefined) fail('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (token !== '') fail('resourceVersionMatch is forbidden when continue is provided');
  if (match === 'Exact' && asked === 0) fail('resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
}
