/** `kubectl --as`: a caller that acts as another one (apiserver:pkg/endpoints/filters/impersonation.go@v0.36.2). */
import type { IncomingMessage } from 'node:http';
import { badRequest } from '../errors.ts';
import type { AccessControl, Caller } from './access.ts';

const accountPrefix = 'system:serviceaccount:';

/** Who a request is by after its `Impersonate-*` headers. @throws StatusError 403 when the caller may not, 400 for groups without a user. */
export function impersonated(access: AccessControl, caller: Caller, { headers }: IncomingMessage): Caller {
  const name = (headers['impersonate-user'] as string | undefined) ?? '';
  const asked = String(headers['impersonate-group'] ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  if (name === '') {
    if (asked.length > 0) {
      const groups = asked.map((group) => JSON.stringify(group)).join(', ');
      throw badRequest(
        `requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{${groups}}, Extra:map[string][]string(nil)} without impersonating a user name`,
      );
    }
    return caller;
  }
  const [, namespace, account] = new RegExp(`^${accountPrefix}([^:]+):([^:]+)$`).exec(name) ?? [];
  const demand: AccessControl['demand'] = (...asks) => access.demand(...asks);
  if (namespace === undefined || account === undefined)
    demand(caller, { verb: 'impersonate', group: '', resource: 'users', name });
  else demand(caller, { verb: 'impersonate', group: '', resource: 'serviceaccounts', namespace, name: account });
  for (const group of asked) demand(caller, { verb: 'impersonate', group: '', resource: 'groups', name: group });
  if (name === 'system:anonymous') return { name, groups: asked.length > 0 ? asked : ['system:unauthenticated'] };
  const own = namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const groups = asked.length > 0 ? asked : own;
  return { name, groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'] };
}
