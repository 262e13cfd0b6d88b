import { badRequest, methodNotAllowed, noSuchResource, notFound, notSupported } from '../errors.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import type { ResourceType } from '../resources/type.ts';

/** What a request path under /api or /apis means. */
export type Route =
  | {
      readonly kind: 'collection';
      readonly type: ResourceType;
      readonly namespace: string | undefined;
      /** Set for `/api/v1/watch/…`, the older way to ask for a watch, which may be one of a single object. */
      readonly watched?: { readonly name: string | undefined };
    }
  | {
      readonly kind: 'object';
      readonly type: ResourceType;
      readonly namespace: string | undefined;
      readonly name: string;
      readonly subresource: string | undefined;
    }
  | { readonly kind: 'group-versions'; readonly group: string }
  | { readonly kind: 'resource-list'; readonly group: string; readonly version: string }
  /** No API there at all: answered in plain text. */
  | { readonly kind: 'nothing' };

/** Of a list, a watch, a create or a deletion of all. */
export type CollectionRoute = Extract<Route, { kind: 'collection' }>;
/** Of one object or of a subresource of it. */
export type ObjectRoute = Extract<Route, { kind: 'object' }>;

const nothing: Route = { kind: 'nothing' };

const reading: readonly string[] = ['GET', 'HEAD'];

/**
 * Resolves a path.
 * @throws StatusError 404 for an unknown resource of a served built-in group, and for an unknown subresource. Unknown groups
 * and custom resources that do not exist are `nothing`, because they fall through to the server's last handler
 * (apiextensions-apiserver:pkg/apiserver/customresource_handler.go@v0.36.2).
 */
export function resolveRoute(registry: ResourceRegistry, path: string, method: string): Route {
  const [root, ...parts] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  let group = '';
  if (root === 'apis') {
    group = parts.shift() ?? '';
    if (group === '' || !registry.all().some((type) => type.group === group)) return nothing;
    if (parts.length === 0) return { kind: 'group-versions', group };
  } else if (root !== 'api') return nothing;
  const version = parts.shift() ?? '';
  if (!registry.servesVersion(group, version)) return nothing;
  if (parts.length === 0) return { kind: 'resource-list', group, version };

  const watched = parts[0] === 'watch' && parts.length > 1;
  if (watched) parts.shift();
  let namespace: string | undefined;
  if (parts[0] === 'namespaces' && parts.length >= 3 && !(group === '' && isNamespacePart(parts))) {
    namespace = parts[1];
    parts.splice(0, 2);
  }
  const [plural = '', name, subresource, ...rest] = parts;
  const type = registry.served(group, version, plural);
  if (type === undefined || type.namespaced !== (namespace !== undefined)) {
    const listAll = type?.namespaced === true && name === undefined;
    if (!listAll) {
      if (registry.all().some((one) => one.group === group && one.custom !== undefined)) return nothing;
      throw noSuchResource();
    }
  }
  if (type === undefined) return nothing;
  if (watched) return { kind: 'collection', type, namespace, watched: { name } };
  const allNamespaces = type.namespaced && namespace === undefined;
  if (name === undefined)
    return type.custom !== undefined && allNamespaces && !reading.includes(method)
      ? nothing
      : { kind: 'collection', type, namespace };
  const known = subresource === undefined || type.subresources.some((sub) => sub.name === subresource);
  // The handler of custom resources looks no further than the subresource; built-in ones have a route for each path.
  if (type.custom !== undefined && !known) throw notFound(type, name);
  if (type.custom === undefined && (!known || (rest.length > 0 && subresource !== 'proxy'))) throw noSuchResource();
  return { kind: 'object', type, namespace, name, subresource };
}

/** `namespaces/x/status` is a subresource of the namespace, not a resource in it. */
function isNamespacePart(parts: readonly string[]): boolean {
  return parts.length === 3 && (parts[2] === 'status' || parts[2] === 'finalize');
}

const verbByMethod: Readonly<Record<string, readonly [collection: string, object: string]>> = {
  GET: ['list', 'get'],
  HEAD: ['list', 'get'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['deletecollection', 'delete'],
};

type ResourceRoute = Extract<Route, { kind: 'collection' | 'object' }>;

/** The verb of a request. @throws StatusError 405 when the resource does not have it, 400 when the path lacks a name. */
export function verbOf(method: string, route: ResourceRoute, watch: boolean): string {
  const { type } = route;
  const [onCollection, onObject] = verbByMethod[method] ?? ['', ''];
  let verb = route.kind === 'collection' ? onCollection : onObject;
  if (verb === 'list' && (watch || (route.kind === 'collection' && route.watched !== undefined))) verb = 'watch';
  return type.custom === undefined ? builtinVerb(method, route, verb) : customVerb(route, verb);
}

/** Built-in kinds have a route for each method of a path, and none for HEAD and OPTIONS. */
function builtinVerb(method: string, route: ResourceRoute, verb: string): string {
  const { type } = route;
  const subresource = route.kind === 'object' ? route.subresource : undefined;
  const offered =
    subresource === undefined ? type.verbs : (type.subresources.find((sub) => sub.name === subresource)?.verbs ?? []);
  const onWrongLevel =
    route.kind === 'object' ? subresource === undefined && verb === 'create' : verb === 'update' || verb === 'patch';
  const acrossNamespaces = type.namespaced && route.namespace === undefined && verb !== 'list' && verb !== 'watch';
  if (
    verb === '' ||
    onWrongLevel ||
    acrossNamespaces ||
    !offered.includes(verb) ||
    (method === 'HEAD' && subresource !== 'proxy')
  )
    throw methodNotAllowed();
  return verb;
}

/** One handler answers every method for a custom resource, whatever the path's length. */
function customVerb(route: ResourceRoute, verb: string): string {
  const { type } = route;
  if (route.kind === 'collection' && (verb === 'update' || verb === 'patch')) throw badRequest('name must be provided');
  if (route.kind === 'collection' && verb !== '') return verb;
  const onSubresource = route.kind === 'object' && route.subresource !== undefined;
  if (verb === '' || (onSubresource && !['get', 'patch', 'update'].includes(verb))) throw notSupported(type, verb);
  return verb;
}
