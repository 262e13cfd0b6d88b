import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { badRequest } from '../errors.ts';
import { StatusError } from '../store.ts';
import type { Payload } from '../store.ts';

/**
 * JSON patch (RFC 6902) on a copy.
 * @throws StatusError 422 when an operation does not apply or a `test` fails: the server does not say which
 * (apiserver:pkg/endpoints/handlers/patch.go@v0.36.2), 400 when it is no list of operations.
 */
export function jsonPatch(target: Payload, operations: Payload): Payload {
  if (!Array.isArray(operations)) {
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  const result: Payload = structuredClone(target);
  for (const operation of operations as Operation[]) {
    const [error] = applyPatch(result, [operation]);
    if (error === null || error === undefined) continue;
    throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
  return result;
}
