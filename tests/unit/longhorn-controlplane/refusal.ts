import { StatusError } from '../../../embedded/apiserver/store.ts';

/** The refusal of an operation; fails when it is accepted. */
export function refusal(operation: () => unknown): StatusError {
  try {
    operation();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('the operation was accepted');
}

/** What the API server says when Longhorn's webhook refuses. */
export function denied(text: string, webhook: 'validator' | 'mutator' = 'validator'): string {
  return `admission webhook "${webhook}.longhorn.io" denied the request: ${text}`;
}
