/** Kinds that are questions rather than stored objects: access, rules, tokens (kubernetes:pkg/registry/authorization, authentication). */
import { badRequest, invalid, invalidValue } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import type { Payload } from '../store.ts';
import type { JsonObject } from '../validation/schema.ts';
import type { AccessControl, AccessQuestion, Caller } from './access.ts';

interface Review {
  readonly type: ResourceType;
  readonly body: Payload;
  readonly caller: Caller;
  readonly access: AccessControl;
  readonly namespace: string | undefined;
}

type Answer = (review: Review) => Payload;

const audiences = ['https://kubernetes.default.svc.cluster.local'];

/** Reviews are validated as objects whose kind has been forgotten, so the refusal names only the group. */
function refuse({ type }: Review, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: type.group, kind: '' }, '', errors);
}

/** As Go prints the internal type, whose fields have no JSON names. */
const printed = (path: Payload): Payload => ({ Path: path.path ?? '', Verb: path.verb ?? '' });

const oneOf = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
const notBoth = 'cannot be specified in combination with resourceAttributes';

function attributeErrors({ spec }: Payload): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec ?? {};
  if (resource !== undefined && path !== undefined)
    return [invalidValue('spec.nonResourceAttributes', printed(path), notBoth)];
  return resource === undefined && path === undefined ? [invalidValue('spec.resourceAttributes', null, oneOf)] : [];
}

function subjectErrors({ spec }: Payload): FieldError[] {
  const nobody = (spec?.user ?? '') === '' && ((spec?.groups ?? []) as unknown[]).length === 0;
  return nobody ? [invalidValue('spec.user', '', 'at least one of user or group must be specified')] : [];
}

function localErrors({ spec }: Payload, namespace: string | undefined): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec ?? {};
  const asked = (resource?.namespace as string | undefined) ?? '';
  const errors =
    resource === undefined || asked === namespace
      ? []
      : [invalidValue('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')];
  return path === undefined
    ? errors
    : [...errors, invalidValue('spec.nonResourceAttributes', printed(path), 'disallowed on this kind of request')];
}

function questionOf(asked: Payload): AccessQuestion {
  const text = (field: string): string | undefined => (asked[field] as string | undefined) || undefined;
  const [subresource, namespace, name] = [text('subresource'), text('namespace'), text('name')];
  return {
    verb: text('verb') ?? '',
    group: text('group') ?? '',
    resource: text('resource') ?? '',
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

function decision(caller: Caller, { spec }: Payload, access: AccessControl): Payload {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (resource === undefined)
    return {
      allowed: access.allowsPath(
        caller,
        (path.verb as string | undefined) ?? '',
        (path.path as string | undefined) ?? '',
      ),
    };
  const { allowed, reason } = access.decide(caller, questionOf(resource));
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

const userInfo = ({ name, uid, groups }: Caller): Payload => ({
  username: name,
  ...(uid === undefined ? {} : { uid }),
  groups,
});

function subjectReview(review: Review): Payload {
  const { body, access, type, namespace } = review;
  refuse(review, [
    ...attributeErrors(body),
    ...subjectErrors(body),
    ...(type.namespaced ? localErrors(body, namespace) : []),
  ]);
  return decision({ name: body.spec.user ?? '', groups: body.spec.groups ?? [] }, body, access);
}

function rulesReview({ body, caller, access }: Review): Payload {
  const namespace = (body.spec?.namespace as string | undefined) ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = access.grantsOf(caller, namespace).map(({ rule }) => rule);
  return {
    resourceRules: rules.filter(({ resources }) => resources !== undefined),
    nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs !== undefined),
    incomplete: false,
  };
}

function tokenReview({ body, access }: Review): Payload {
  const token = (body.spec?.token as string | undefined) ?? '';
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  try {
    const headers = { authorization: `Bearer ${token}` };
    return {
      authenticated: true,
      user: userInfo(access.authenticate({ headers } as Parameters<AccessControl['authenticate']>[0])),
      audiences,
    };
  } catch {
    return { user: {}, error: '[invalid bearer token, Token has been invalidated]' };
  }
}

const answers: Readonly<Record<string, Answer>> = {
  SelfSubjectAccessReview(review) {
    refuse(review, attributeErrors(review.body));
    return decision(review.caller, review.body, review.access);
  },
  SubjectAccessReview: subjectReview,
  LocalSubjectAccessReview: subjectReview,
  SelfSubjectRulesReview: rulesReview,
  SelfSubjectReview: ({ caller }) => ({ userInfo: userInfo(caller) }),
  TokenReview: tokenReview,
};

/** The answered review; undefined for kinds that are not reviews. @throws StatusError 400 or 422 for questions that are none. */
export function answerReview(review: Review): JsonObject | undefined {
  const { type, body } = review;
  const answer = answers[type.kind];
  if (answer === undefined) return undefined;
  const { kind: _kind, apiVersion, metadata, status: _status, ...rest } = body;
  return { kind: type.kind, apiVersion, metadata: metadata ?? {}, ...rest, status: answer(review) };
}
