import { methodNotAllowed, noSuchResource, notSupported } from '../errors.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import type { ResourceType } from '../resources/type.ts';

/** What a request path under /api or /apis means. */
export type Route =
  | { readonly kind: 'collection'; readonly type: ResourceType; readonly namespace: string | undefined }
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

const nothing: Route = { kind: 'nothing' };

/**
 * Resolves a path.
 * @throws StatusError 404 for an unknown resource of a served built-in group. Unknown groups and custom resources that do
 * not exist are `nothing`, because they fall through to the server's last handler.
 */
export function resolveRoute(registry: ResourceRegistry, path: string): Route {
  const [root, ...parts] = path.split('/').filter((part) => part !== '').map(decodeURIComponent);
  let group = '';
  if (root === 'apis') {
    group = parts.shift() ?? '';
    if (!registry.all().some((type) => type.group === group)) return nothing;
    if (parts.length === 0) return { kind: 'group-versions', group };
  } else if (root !== 'api') return nothing;
  const version = parts.shift() ?? '';
  if (!registry.servesVersion(group, version)) return nothing;
  if (parts.length === 0) return { kind: 'resource-list', group, version };

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
  if (name === undefined) return { kind: 'collection', type, namespace };
  const deep = rest.length > 0 && subresource !== 'proxy';
  if (deep || (subresource !== undefined && !type.subresources.some((sub) => sub.name === subresource))) {
    if (type.custom !== undefined) return nothing;
    throw noSuchResource();
  }
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
  PUT: ['', 'update'],
  PATCH: ['', 'patch'],
  DELETE: ['deletecollection', 'delete'],
};

/** The verb of a request. @throws StatusError 405 when the resource does not have it. */
export function verbOf(method: string, route: Extract<Route, { kind: 'collection' | 'object' }>, watch: boolean): string {
  const [onCollection, onObject] = verbByMethod[method] ?? ['', ''];
  const subresource = route.kind === 'object' ? route.subresource : undefined;
  let verb = route.kind === 'collection' ? onCollection : onObject;
  if (verb === 'list' && watch) verb = 'watch';
  const offered =
    subresource === undefined
      ? route.type.verbs
      : (route.type.subresources.find((sub) => sub.name === subresource)?.verbs ?? []);
  const onWrongLevel = route.kind === 'object' && subresource === undefined && verb === 'create';
  const acrossNamespaces = route.type.namespaced && route.namespace === undefined && verb !== 'list' && verb !== 'watch';
  if (verb === '' || onWrongLevel || acrossNamespaces || !offered.includes(verb)) {
    throw route.type.custom === undefined ? methodNotAllowed() : notSupported(route.type, method === 'POST' ? 'create' : verb || method.toLowerCase());
  }
  return verb;
}
