import { randomBytes, randomUUID } from 'node:crypto';
import { invalid, invalidValue, notFound } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Payload } from '../store.ts';
import type { AccessControl } from './access.ts';

const shortestSeconds = 600;
const longestSeconds = 2 ** 32;

/**
 * Checks a TokenRequest (kubernetes:pkg/registry/core/serviceaccount/storage/token.go and pkg/apis/authentication/validation@v1.36).
 * @throws StatusError 404 without such an account or bound pod, 422 for a time that is too short or too long.
 */
export function checkTokenRequest(
  store: Pick<ObjectStore, 'get'>,
  account: { readonly namespace: string; readonly name: string },
  body: Payload,
): void {
  const { namespace, name } = account;
  if (store.get({ resource: 'serviceaccounts', namespace, name }) === undefined)
    throw notFound({ group: '', plural: 'serviceaccounts' }, name);
  const seconds = body.spec?.expirationSeconds as number | undefined;
  const field = 'spec.expirationSeconds';
  const errors = [
    ...(seconds !== undefined && seconds < shortestSeconds
      ? [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(seconds !== undefined && seconds > longestSeconds
      ? [invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
  ];
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors);
  const bound: Payload = body.spec?.boundObjectRef;
  if (bound?.kind === 'Pod' && store.get({ resource: 'pods', namespace, name: bound.name as string }) === undefined)
    throw notFound({ group: '', plural: 'pods' }, bound.name as string);
}

export function uidOf(
  store: Pick<ObjectStore, 'get'>,
  account: { readonly namespace: string; readonly name: string },
): { readonly uid?: string } {
  const uid = store.get({ resource: 'serviceaccounts', ...account })?.metadata.uid;
  return uid === undefined ? {} : { uid };
}

/** Whom a token is for: those asked for, else the API server. */
export function tokenAudiences(body: Payload): readonly string[] {
  const asked = (body.spec?.audiences as string[] | undefined) ?? [];
  return asked.length > 0 ? asked : ['https://kubernetes.default.svc.cluster.local'];
}

/**
 * A token that makes its bearer the service account. It looks like the signed ones, but only this server knows it.
 * kubernetes:staging/src/k8s.io/apiserver/pkg/authentication/serviceaccount/util.go, kubernetes:pkg/serviceaccount/claims.go
 */
export function issueAccountToken(
  access: AccessControl,
  account: { readonly namespace: string; readonly name: string; readonly uid?: string },
): string {
  const { namespace, name, uid } = account;
  const subject = `system:serviceaccount:${namespace}:${name}`;
  const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url');
  const claims = {
    iss: 'https://kubernetes.default.svc.cluster.local',
    jti: randomUUID(),
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    sub: subject,
  };
  const token = [part({ alg: 'RS256', kid: 'embedded' }), part(claims), randomBytes(256).toString('base64url')].join(
    '.',
  );
  access.addToken(token, {
    name: subject,
    ...(uid === undefined ? {} : { uid }),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  });
  return token;
}
