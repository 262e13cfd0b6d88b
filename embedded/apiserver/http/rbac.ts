/** What Role and ClusterRole objects grant, as the RBAC authorizer reads them. kubernetes:plugin/pkg/auth/authorizer/rbac/rbac.go */
import type { ObjectStore } from '../object-store.ts';
import type { KubeObject } from '../store.ts';
import type { AccessQuestion, Caller } from './access.ts';

interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface Bound {
  readonly roleRef: { readonly kind: string; readonly name: string };
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const everything: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/** Reviews of oneself are open to whoever is known: kubernetes:plugin/pkg/auth/authorizer/rbac/bootstrappolicy, system:basic-user. */
const basicUser: readonly PolicyRule[] = [
  { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
];

export function grantedBy(store: Pick<ObjectStore, 'list' | 'get'>, caller: Caller, question: AccessQuestion): boolean {
  if (basicUser.some((rule) => covers(rule, question))) return true;
  const bound = (binding: KubeObject): boolean => subjectsOf(binding).some((subject) => isCaller(subject, caller));
  const clusterWide = store.list('clusterrolebindings.rbac.authorization.k8s.io').filter(bound);
  const { namespace } = question;
  const inNamespace =
    namespace === undefined ? [] : store.list('rolebindings.rbac.authorization.k8s.io', { namespace }).filter(bound);
  return [...clusterWide, ...inNamespace].some((binding) => rulesOf(store, binding).some((rule) => covers(rule, question)));
}

function subjectsOf(binding: KubeObject): readonly Subject[] {
  return (binding as { readonly subjects?: readonly Subject[] }).subjects ?? [];
}

function isCaller(subject: Subject, caller: Caller): boolean {
  if (subject.kind === 'Group') return caller.groups.includes(subject.name);
  if (subject.kind === 'User') return caller.name === subject.name;
  return caller.name === `system:serviceaccount:${subject.namespace ?? ''}:${subject.name}`;
}

function rulesOf(store: Pick<ObjectStore, 'get'>, binding: KubeObject): readonly PolicyRule[] {
  const { kind, name } = (binding as unknown as Bound).roleRef;
  if (kind === 'ClusterRole' && name === 'cluster-admin') return [everything];
  const { namespace } = binding.metadata;
  const role =
    kind === 'ClusterRole'
      ? store.get({ resource: 'clusterroles.rbac.authorization.k8s.io', name })
      : store.get({ resource: 'roles.rbac.authorization.k8s.io', name, ...(namespace === undefined ? {} : { namespace }) });
  return (role as { readonly rules?: readonly PolicyRule[] } | undefined)?.rules ?? [];
}

function covers(rule: PolicyRule, { verb, group, resource, subresource, name }: AccessQuestion): boolean {
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
