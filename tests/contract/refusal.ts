import { ApiError } from '../../helpers/kubernetes/errors.ts';
import { expect } from './target.ts';

/** The refusal of a call; fails when it is accepted. */
export async function refusal(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}
