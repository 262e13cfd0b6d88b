import type { IncomingMessage } from 'node:http';
import { StatusError } from '../store.ts';
import { covers, coversPath } from './rbac.ts';
import type { Grant } from './rbac.ts';

export interface Caller {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
}

/** One deviation from "everything is allowed"; absent fields match anything. The last matching rule decides. */
export interface AccessRule {
  readonly effect: 'allow' | 'deny';
  readonly user?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What a request asked for, allowed or not; as an audit log has it. */
export type AccessRecord = AccessQuestion & { readonly user: string; readonly decision: 'allow' | 'forbid' };

export interface AccessOptions {
  /** What RBAC grants a caller in a namespace, or everywhere. */
  readonly grantsOf: (caller: Caller, namespace: string | undefined) => readonly Grant[];
  /** Told of each request for a resource, before it is served. */
  readonly onRequest?: (record: AccessRecord) => void;
}

/** Who may do what: `system:masters` everything, others what RBAC grants them; less what rules deny. */
export interface AccessControl {
  /** Rules may be changed while the server runs. */
  rules: readonly AccessRule[];
  /** @throws StatusError 401 for a token that nobody has. */
  authenticate(request: IncomingMessage): Caller;
  /** The decision and where it comes from, as reviews tell it. */
  decide(caller: Caller, question: AccessQuestion): { readonly allowed: boolean; readonly reason: string };
  /** Whether a path that is no resource may be read. */
  allowsPath(caller: Caller, verb: string, path: string): boolean;
  /** The rules that apply to a caller in a namespace. */
  grantsOf(caller: Caller, namespace: string): readonly Grant[];
  /** @throws StatusError 403 in the words of the RBAC authorizer. */
  demand(caller: Caller, question: AccessQuestion): void;
  /** As `demand`, for a path that is no resource. */
  demandPath(caller: Caller, method: string, path: string): void;
  addToken(token: string, caller: Caller): void;
}

const isMaster = (caller: Caller): boolean => caller.groups.includes('system:masters');

const anonymous: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export function createAccessControl(adminToken: string, { grantsOf, onRequest }: AccessOptions): AccessControl {
  const tokens = new Map<string, Caller>([
    [adminToken, { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }],
  ]);
  const matches = (rule: AccessRule, caller: Caller, question: AccessQuestion): boolean =>
    (rule.user === undefined || rule.user === caller.name) &&
    (['verb', 'group', 'resource', 'subresource', 'namespace', 'name'] as const).every(
      (field) => rule[field] === undefined || rule[field] === (question[field] ?? ''),
    );

  const control: AccessControl = {
    rules: [],
    authenticate({ headers }) {
      const header = headers.authorization ?? '';
      if (!/^bearer /i.test(header)) return anonymous;
      const caller = tokens.get(header.slice('bearer '.length).trim());
      if (caller === undefined) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
      return caller;
    },
    decide(caller, question) {
      const decided = control.rules.findLast((rule) => matches(rule, caller, question));
      if (caller === anonymous || decided?.effect === 'deny') return { allowed: false, reason: '' };
      if (decided?.effect === 'allow' || isMaster(caller)) return { allowed: true, reason: '' };
      const grant = grantsOf(caller, question.namespace).find(({ rule }) => covers(rule, question));
      return { allowed: grant !== undefined, reason: grant === undefined ? '' : `RBAC: allowed by ${grant.origin}` };
    },
    allowsPath: (caller, verb, path) =>
      isMaster(caller) || grantsOf(caller, undefined).some(({ rule }) => coversPath(rule, verb, path)),
    grantsOf: (caller, namespace) => grantsOf(caller, namespace),
    demand(caller, question) {
      const { allowed } = control.decide(caller, question);
      onRequest?.({ ...question, user: caller.name, decision: allowed ? 'allow' : 'forbid' });
      if (allowed) return;
      const { verb, group, namespace, name, subresource } = question;
      const resource = subresource === undefined ? question.resource : `${question.resource}/${subresource}`;
      const qualified = group === '' ? question.resource : `${question.resource}.${group}`;
      const subject = name === undefined ? qualified : `${qualified} "${name}"`;
      const scope = namespace === undefined ? ' at the cluster scope' : ` in the namespace "${namespace}"`;
      const message = `${subject} is forbidden: User "${caller.name}" cannot ${verb} resource "${resource}" in API group "${group}"${scope}`;
      throw new StatusError(403, 'Forbidden', message, {
        ...(name === undefined ? {} : { name }),
        ...(group === '' ? {} : { group }),
        kind: question.resource,
      });
    },
    demandPath(caller, method, path) {
      const verb = method.toLowerCase();
      if (control.allowsPath(caller, verb, path)) return;
      throw new StatusError(403, 'Forbidden', `forbidden: User "${caller.name}" cannot ${verb} path "${path}"`, {});
    },
    addToken: (token, caller) => void tokens.set(token, caller),
  };
  return control;
}
