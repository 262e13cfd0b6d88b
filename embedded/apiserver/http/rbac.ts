/** What Role and ClusterRole objects grant, as the RBAC authorizer reads them. kubernetes:plugin/pkg/auth/authorizer/rbac/rbac.go */
import type { ObjectStore } from '../object-store.ts';
import type { KubeObject } from '../store.ts';
import type { AccessQuestion, Caller } from './access.ts';

export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

type Reader = Pick<ObjectStore, 'list' | 'get'>;

/** One rule that applies to a caller, with what a review says of where it comes from. */
export interface Grant {
  readonly rule: PolicyRule;
  readonly origin: string;
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

const discoveryPaths = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

/** The policy that RBAC starts with, as far as it is about groups that callers are in: kubernetes:plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go */
const bootstrap: readonly {
  readonly role: string;
  readonly groups: readonly string[];
  readonly rules: readonly PolicyRule[];
}[] = [
  { role: 'cluster-admin', groups: ['system:masters'], rules: everything },
  {
    role: 'system:basic-user',
    groups: ['system:authenticated'],
    rules: [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
  },
  {
    role: 'system:discovery',
    groups: ['system:authenticated'],
    rules: [{ verbs: ['get'], nonResourceURLs: discoveryPaths }],
  },
  {
    role: 'system:public-info-viewer',
    groups: ['system:authenticated', 'system:unauthenticated'],
    rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }],
  },
];

/** Every rule that applies to a caller, in a namespace or across all of them. */
export function grantsOf(store: Reader, caller: Caller, namespace: string | undefined): Grant[] {
  const fromStart = bootstrap.flatMap(({ role, groups, rules }) => {
    const group = groups.find((one) => caller.groups.includes(one));
    const origin = `ClusterRoleBinding "${role}" of ClusterRole "${role}" to Group "${group ?? ''}"`;
    return group === undefined ? [] : rules.map((rule) => ({ rule, origin }));
  });
  const clusterWide = store.list('clusterrolebindings.rbac.authorization.k8s.io');
  const inNamespace =
    namespace === undefined ? [] : store.list('rolebindings.rbac.authorization.k8s.io', { namespace });
  return [...fromStart, ...[...clusterWide, ...inNamespace].flatMap((binding) => grantsBy(store, binding, caller))];
}

function grantsBy(store: Reader, binding: KubeObject, caller: Caller): Grant[] {
  const { name, namespace } = binding.metadata;
  const subject = subjectsOf(binding).find((one) => isCaller(one, caller));
  if (subject === undefined) return [];
  const { roleRef } = binding as unknown as { readonly roleRef: { readonly kind: string; readonly name: string } };
  const which = namespace === undefined ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`;
  const who =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace ?? ''}` : subject.name;
  const origin = `${which} of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${who}"`;
  return rulesOf(store, roleRef, namespace).map((rule) => ({ rule, origin }));
}

function subjectsOf(binding: KubeObject): readonly Subject[] {
  return (binding as { readonly subjects?: readonly Subject[] }).subjects ?? [];
}

function isCaller(subject: Subject, caller: Caller): boolean {
  if (subject.kind === 'Group') return caller.groups.includes(subject.name);
  if (subject.kind === 'User') return caller.name === subject.name;
  return caller.name === `system:serviceaccount:${subject.namespace ?? ''}:${subject.name}`;
}

function rulesOf(
  store: Reader,
  { kind, name }: { readonly kind: string; readonly name: string },
  namespace: string | undefined,
): readonly PolicyRule[] {
  const role =
    kind === 'ClusterRole'
      ? store.get({ resource: 'clusterroles.rbac.authorization.k8s.io', name })
      : store.get({
          resource: 'roles.rbac.authorization.k8s.io',
          name,
          ...(namespace === undefined ? {} : { namespace }),
        });
  if (role === undefined && kind === 'ClusterRole') return bootstrap.find((one) => one.role === name)?.rules ?? [];
  return (role as { readonly rules?: readonly PolicyRule[] } | undefined)?.rules ?? [];
}

/** Whether a rule lets someone ask for that path. */
export function coversPath(rule: PolicyRule, verb: string, path: string): boolean {
  const matches = (url: string): boolean =>
    url === '*' || url === path || (url.endsWith('/*') && path.startsWith(url.slice(0, -1)));
  return includesAny(rule.verbs, ['*', verb]) && (rule.nonResourceURLs ?? []).some(matches);
}

export function covers(rule: PolicyRule, { verb, group, resource, subresource, name }: AccessQuestion): boolean {
  const asked = subresource === undefined ? resource : `${resource}/${subresource}`;
  const resources = ['*', asked, ...(subresource === undefined ? [] : [`*/${subresource}`])];
  const names = rule.resourceNames ?? [];
  return (
    includesAny(rule.verbs, ['*', verb]) &&
    includesAny(rule.apiGroups, ['*', group]) &&
    includesAny(rule.resources, resources) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}

function includesAny(held: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return held?.some((one) => wanted.includes(one)) === true;
}
