import { forbiddenField, invalid, notSupportedValue, required } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import type { DeleteOptions, PropagationPolicy } from '../storage/options.ts';
import type { Payload } from '../store.ts';
import type { Exchange } from './exchange.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** The query parameters that every write understands. */
export interface WriteParameters {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
}

type Purpose = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

const validations: readonly string[] = ['Ignore', 'Warn', 'Strict'];

function refuse(purpose: Purpose, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: purpose }, '', errors);
}

function isDryRun(values: readonly string[], errors: FieldError[]): boolean {
  if (values.some((value) => value !== 'All')) errors.push(notSupportedValue('dryRun', values, ['All']));
  return values.length > 0;
}

/** @throws StatusError 422 for values that the API does not know. */
export function writeParameters(exchange: Exchange, purpose: Purpose, apply = false): WriteParameters {
  const { query, request } = exchange;
  const errors: FieldError[] = [];
  const dryRun = isDryRun(query.getAll('dryRun'), errors);
  const validation = query.get('fieldValidation') ?? '';
  if (validation !== '' && !validations.includes(validation)) {
    errors.push(notSupportedValue('fieldValidation', validation, ['', ...validations]));
  }
  const manager = query.get('fieldManager') ?? '';
  const force = query.get('force');
  if (apply && manager === '') errors.push(required('fieldManager', 'is required for apply patch'));
  if (!apply && force !== null && purpose === 'PatchOptions') errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  refuse(purpose, errors);
  return {
    dryRun,
    fieldManager: manager === '' ? (request.headers['user-agent']?.split('/')[0] ?? 'unknown') : manager,
    fieldValidation: validation === '' ? 'Warn' : (validation as FieldValidation),
    force: force === 'true' || force === '1',
  };
}

const policies: readonly string[] = ['Foreground', 'Background', 'Orphan'];

/** DeleteOptions from the body and, where it is silent, from the query. @throws StatusError 422. */
export function deleteOptions(query: URLSearchParams, body: Payload): DeleteOptions {
  const errors: FieldError[] = [];
  const given: Payload = body ?? {};
  const dryRun = isDryRun((given.dryRun as string[] | undefined) ?? query.getAll('dryRun'), errors);
  const policy: string | undefined = given.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupportedValue('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan']));
  }
  const orphan: boolean | undefined = given.orphanDependents ?? booleanOf(query.get('orphanDependents'));
  refuse('DeleteOptions', errors);
  const graceText = query.get('gracePeriodSeconds');
  const grace: number | undefined = given.gracePeriodSeconds ?? (graceText === null ? undefined : Number(graceText));
  const chosen = policy ?? (orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background');
  return {
    dryRun,
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(chosen === undefined ? {} : { propagationPolicy: chosen as PropagationPolicy }),
    ...(given.preconditions === undefined ? {} : { preconditions: given.preconditions as NonNullable<DeleteOptions['preconditions']> }),
  };
}

function booleanOf(text: string | null): boolean | undefined {
  return text === null ? undefined : text === 'true' || text === '1';
}
