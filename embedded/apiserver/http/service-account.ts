import { randomBytes } from 'node:crypto';
import type { AccessControl } from './access.ts';

/** A token that makes its bearer the service account. kubernetes:staging/src/k8s.io/apiserver/pkg/authentication/serviceaccount/util.go */
export function issueAccountToken(access: AccessControl, account: { readonly namespace: string; readonly name: string }): string {
  const token = randomBytes(24).toString('base64url');
  const { namespace, name } = account;
  access.addToken(token, {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  });
  return token;
}
