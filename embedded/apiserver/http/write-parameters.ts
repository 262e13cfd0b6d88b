import { badRequest, forbiddenField, invalid, invalidValue, notSupportedValue, required } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import type { DeleteOptions, PropagationPolicy } from '../storage/options.ts';
import type { Payload } from '../store.ts';
import type { Exchange } from './exchange.ts';
import { integerOf } from './list-options.ts';

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

const managerBytes = 128;

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > managerBytes) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: 'fieldManager',
      message: `Too long: may not be more than ${managerBytes} bytes`,
    });
  }
  let at = 0;
  for (const character of manager) {
    // Go's unicode.IsPrint: no separator but the plain space.
    if (character !== ' ' && /[\p{C}\p{Z}]/u.test(character)) {
      const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
      errors.push(invalidValue('fieldManager', manager, `invalid character ${code} (at position ${at})`));
    }
    at += Buffer.byteLength(character);
  }
  return errors;
}

function isDryRun(values: readonly string[], errors: FieldError[]): boolean {
  if (values.some((value) => value !== 'All')) errors.push(notSupportedValue('dryRun', values, ['All']));
  return values.length > 0;
}

/** @throws StatusError 422 for values that the API does not know. */
export function writeParameters(exchange: Exchange, purpose: Purpose, apply = false): WriteParameters {
  const { query, request } = exchange;
  const errors: FieldError[] = [];
  const manager = query.get('fieldManager') ?? '';
  const force = query.get('force');
  if (apply && manager === '') errors.push(required('fieldManager', 'is required for apply patch'));
  if (!apply && force !== null && purpose === 'PatchOptions')
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  errors.push(...managerErrors(manager));
  const dryRun = isDryRun(query.getAll('dryRun'), errors);
  const validation = query.get('fieldValidation') ?? '';
  if (validation !== '' && !validations.includes(validation)) {
    errors.push(notSupportedValue('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  refuse(purpose, errors);
  return {
    dryRun,
    fieldManager: manager === '' ? (request.headers['user-agent']?.split('/')[0] ?? 'unknown') : manager,
    fieldValidation: validation === '' ? 'Warn' : (validation as FieldValidation),
    force: force === 'true' || force === '1',
  };
}

const policies: readonly string[] = ['Foreground', 'Background', 'Orphan'];

/**
 * DeleteOptions from the body or, without one, from the query.
 * @throws StatusError 400 for a body that is something else, 422 for values that the API does not know.
 */
export function deleteOptions(query: URLSearchParams, body: Payload): DeleteOptions {
  const errors: FieldError[] = [];
  const given: Payload = body ?? queryOptions(query);
  if ((given.kind ?? 'DeleteOptions') !== 'DeleteOptions') {
    throw badRequest(
      `no kind "${given.kind}" is registered for version "${given.apiVersion}" in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`,
    );
  }
  const policy: string | undefined = given.propagationPolicy;
  const orphan: boolean | undefined = given.orphanDependents;
  if (policy !== undefined && orphan !== undefined) {
    errors.push(
      invalidValue('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  }
  if (policy !== undefined && !policies.includes(policy))
    errors.push(notSupportedValue('propagationPolicy', policy, [...policies, 'nil']));
  const dryRun = isDryRun((given.dryRun as string[] | undefined) ?? [], errors);
  refuse('DeleteOptions', errors);
  const grace: number | undefined = given.gracePeriodSeconds;
  const chosen = policy ?? (orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background');
  return {
    dryRun,
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    ...(chosen === undefined ? {} : { propagationPolicy: chosen as PropagationPolicy }),
    ...(given.preconditions === undefined
      ? {}
      : { preconditions: given.preconditions as NonNullable<DeleteOptions['preconditions']> }),
  };
}

function queryOptions(query: URLSearchParams): Payload {
  return {
    dryRun: query.getAll('dryRun'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: booleanOf(query.get('orphanDependents')),
    gracePeriodSeconds: query.has('gracePeriodSeconds') ? integerOf(query, 'gracePeriodSeconds') : undefined,
  };
}

function booleanOf(text: string | null): boolean | undefined {
  return text === null ? undefined : text !== 'false' && text !== '0';
}
