/** The query of a list or watch, refused as the API server refuses it (apimachinery:pkg/apis/meta/internalversion/validation@v0.36.2). */
import { badRequest, forbiddenField, invalid, notSupportedValue } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import { StatusError } from '../store.ts';
import { flag } from './exchange.ts';

/** A whole number of a query; 0 when it is absent. @throws StatusError 400 in strconv's words. */
export function integerOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') {
    if (query.has(name)) throw badRequest('strconv.ParseInt: parsing "": invalid syntax');
    return 0;
  }
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

const parseFault = (text: string): string =>
  `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;

/** The resourceVersion of a list. @throws StatusError 400 when it is not a number. */
export function listRevision(query: URLSearchParams): number | undefined {
  return revisionOf(query, (text) => badRequest(`invalid resource version: ${parseFault(text)}`));
}

/** The resourceVersion of a get or watch, where the error is passed on as it came. @throws StatusError 500 when it is not a number. */
export function plainRevision(query: URLSearchParams): number | undefined {
  return revisionOf(query, (text) => new StatusError(500, '', parseFault(text)));
}

function revisionOf(query: URLSearchParams, refusal: (text: string) => StatusError): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) throw refusal(text);
  return Number(text);
}

/** @throws StatusError 422 for parameters that do not go together, 400 for numbers that are none. */
export function checkListOptions(query: URLSearchParams): void {
  for (const name of ['limit', 'timeoutSeconds']) integerOf(query, name);
  const errors = flag(query, 'watch') ? watchErrors(query) : listErrors(query);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

const matchField = 'resourceVersionMatch';
const withContinue = forbiddenField(matchField, 'resourceVersionMatch is forbidden when continue is provided');

function listErrors(query: URLSearchParams): FieldError[] {
  const match = query.get(matchField) ?? '';
  const revision = query.get('resourceVersion') ?? '';
  const errors: FieldError[] = [];
  if (match !== '') {
    if (revision === '')
      errors.push(forbiddenField(matchField, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if ((query.get('continue') ?? '') !== '') errors.push(withContinue);
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(notSupportedValue(matchField, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && revision === '0') {
      errors.push(forbiddenField(matchField, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (query.has('sendInitialEvents'))
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors(query: URLSearchParams): FieldError[] {
  const match = query.get(matchField) ?? '';
  const errors: FieldError[] = [];
  if (query.has('sendInitialEvents') && match !== 'NotOlderThan') {
    errors.push(forbiddenField(matchField, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if ((query.get('continue') ?? '') !== '' && match === '') return [...errors, withContinue];
  if (match === '') return errors;
  if (!query.has('sendInitialEvents')) {
    errors.push(
      forbiddenField(matchField, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    );
  }
  if (match !== 'NotOlderThan') errors.push(notSupportedValue(matchField, match, ['NotOlderThan']));
  if ((query.get('continue') ?? '') !== '') errors.push(withContinue);
  return errors;
}
