import { StatusError } from '../../../apiserver/store.ts';

export type Webhook = 'validator' | 'mutator';

/**
 * A webhook's refusal as the API server passes it on: 422 with the reason as its only cause. Shapes:
 * recorded/kubernetes/exchanges.jsonl, names `bi …`, `volume …`, `setting …`.
 */
export function invalid(text: string, field = '', webhook: Webhook = 'validator'): StatusError {
  const cause = { reason: 'FieldValueInvalid', message: text, ...(field === '' ? {} : { field }) };
  return new StatusError(422, 'Invalid', prefixed(text, webhook), { causes: [cause] });
}

/** 403: the state of the cluster forbids it now. */
export function forbidden(text: string): StatusError {
  return new StatusError(403, 'Forbidden', prefixed(text, 'validator'));
}

/** 500: an error that longhorn-manager passes on as it came (longhorn-manager:webhook/admission/admission.go@v1.12.1). */
export function internal(text: string, webhook: Webhook = 'validator'): StatusError {
  return new StatusError(500, 'InternalError', prefixed(text, webhook));
}

function prefixed(text: string, webhook: Webhook): string {
  return `admission webhook "${webhook}.longhorn.io" denied the request: ${text}`;
}
