/** Kinds that are questions rather than stored objects: access, rules, tokens. */
import type { Payload } from '../store.ts';
import type { JsonObject } from '../validation/schema.ts';
import type { AccessControl, Caller } from './access.ts';

type Answer = (body: Payload, caller: Caller, access: AccessControl) => Payload;

function subjectAnswer(body: Payload, caller: Caller, access: AccessControl): Payload {
  const asked: Payload = body.spec?.resourceAttributes;
  if (asked === undefined) return { allowed: true };
  const verbs = asked.verb as string;
  const question = {
    verb: verbs, group: (asked.group as string | undefined) ?? '', resource: (asked.resource as string | undefined) ?? '',
    ...(asked.subresource === undefined ? {} : { subresource: asked.subresource as string }),
    ...(asked.namespace === undefined ? {} : { namespace: asked.namespace as string }),
    ...(asked.name === undefined ? {} : { name: asked.name as string }),
  };
  return { allowed: access.allows(caller, question) };
}

const namedCaller = (body: Payload): Caller => ({ name: body.spec?.user ?? '', groups: body.spec?.groups ?? [] });

const answers: Readonly<Record<string, Answer>> = {
  SelfSubjectAccessReview: (body, caller, access) => ({ ...body, status: subjectAnswer(body, caller, access) }),
  SubjectAccessReview: (body, _caller, access) => ({ ...body, status: subjectAnswer(body, namedCaller(body), access) }),
  LocalSubjectAccessReview: (body, _caller, access) => ({ ...body, status: subjectAnswer(body, namedCaller(body), access) }),
  SelfSubjectRulesReview: (body) => ({
    ...body,
    status: {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    },
  }),
  SelfSubjectReview: (body, caller) => ({ ...body, status: { userInfo: { username: caller.name, groups: caller.groups } } }),
  TokenReview(body, _caller, access) {
    try {
      const caller = access.authenticate({ headers: { authorization: `Bearer ${body.spec?.token}` } } as Parameters<AccessControl['authenticate']>[0]);
      return { ...body, status: { authenticated: true, user: { username: caller.name, groups: caller.groups } } };
    } catch {
      return { ...body, status: { user: {}, error: 'invalid bearer token' } };
    }
  },
};

/** The answered review; undefined for kinds that are not reviews. */
export function answerReview(kind: string, body: Payload, caller: Caller, access: AccessControl): JsonObject | undefined {
  const answer = answers[kind];
  if (answer === undefined) return undefined;
  const { kind: _kind, apiVersion, metadata, ...rest } = body;
  return { kind, apiVersion, metadata: metadata ?? {}, ...answer(rest, caller, access) };
}
