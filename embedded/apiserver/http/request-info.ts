/**
 * What a request asks permission for, read off its path alone: it is asked before anybody looks whether such a resource
 * exists (apiserver:pkg/endpoints/request/requestinfo.go@v0.36.2).
 */
import { requiredName } from '../selectors/fields.ts';
import type { AccessQuestion } from './access.ts';
import { flag } from './exchange.ts';

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const ofNamespaces: readonly string[] = ['status', 'finalize'];

/** The question of a request; undefined when its path is no resource. */
export function requestedAccess(method: string, path: string, query: URLSearchParams): AccessQuestion | undefined {
  let parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const prefix = parts.shift();
  if ((prefix !== 'api' && prefix !== 'apis') || parts.length < (prefix === 'api' ? 2 : 3)) return undefined;
  const group = prefix === 'apis' ? (parts.shift() ?? '') : '';
  parts.shift();
  let verb = verbs[method] ?? '';
  if (parts[0] === 'watch' && parts.length > 1) {
    verb = 'watch';
    parts.shift();
  }
  let namespace: string | undefined;
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1];
    if (parts.length > 2 && !ofNamespaces.includes(parts[2] ?? '')) parts = parts.slice(2);
  }
  const [resource = '', name, subresource] = parts;
  let named = name;
  if (name === undefined && verb === 'get') {
    verb = flag(query, 'watch') ? 'watch' : 'list';
    named = requiredName(query.get('fieldSelector') ?? '');
  } else if (name === undefined && verb === 'delete') verb = 'deletecollection';
  return {
    verb,
    group,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(named === undefined ? {} : { name: named }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
