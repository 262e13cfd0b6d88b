import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { badRequest } from '../errors.ts';
import { StatusError } from '../store.ts';
import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import { goValueKind } from '../wire/go-json.ts';

const maxOperations = 10_000;

const members: readonly string[] = ['op', 'from', 'path'];
const needsValue: readonly unknown[] = ['add', 'replace'];
const needsSource: readonly unknown[] = ['move', 'copy'];
const known: readonly unknown[] = [...needsValue, ...needsSource, 'remove', 'test'];

/**
 * Refuses what is no list of operations, as it is decoded (apiserver:pkg/endpoints/handlers/patch.go@v0.36.2 and the
 * jsonpatch library behind it, gopkg.in/evanphx/json-patch.v4:patch.go).
 * @throws StatusError 400, or 413 for more operations than are taken
 */
export function checkOperations(operations: readonly Payload[]): void {
  for (const operation of operations) {
    if (!isObject(operation))
      throw badRequest(
        `error decoding patch: json: cannot unmarshal ${goValueKind(operation)} into Go value of type handlers.jsonPatchOp`,
      );
    const odd = members.find(
      (member) =>
        operation[member] !== undefined && operation[member] !== null && typeof operation[member] !== 'string',
    );
    if (odd !== undefined) {
      throw badRequest(
        `error decoding patch: json: cannot unmarshal ${goValueKind(operation[odd])} into Go struct field jsonPatchOp.${odd} of type string`,
      );
    }
  }
  for (const operation of operations) {
    const { op, from, value } = operation as Record<string, Payload>;
    const shown = `invalid operation ${JSON.stringify(operation)}`;
    if (!known.includes(op)) throw badRequest(`${shown}: unsupported operation`);
    if (needsValue.includes(op) && value === undefined)
      throw badRequest(`${shown}: failed to decode 'value': operation, missing value field: missing value`);
    if (needsSource.includes(op) && from === undefined)
      throw badRequest(`${shown}: failed to decode 'from': operation, missing from field: missing value`);
  }
  if (operations.length > maxOperations) {
    const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`;
    throw new StatusError(413, 'RequestEntityTooLarge', message);
  }
}

/** What is in front of the first slash counts for nothing. */
const pointer = (path: string): string => (path === '' ? '' : path.slice(path.indexOf('/')));

/** A test for null holds where there is nothing, as long as there is something that could have it. */
function isTestOfNothing(operation: Operation, target: Payload): boolean {
  if (operation.op !== 'test' || (operation.value ?? null) !== null) return false;
  const steps = pointer(operation.path)
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const parent = steps.slice(0, -1).reduce<Payload>((value, step) => value?.[step], target);
  return isObject(parent) && parent[steps.at(-1) ?? ''] === undefined;
}

/**
 * JSON patch (RFC 6902) on a copy.
 * @throws StatusError 422 when an operation does not apply or a `test` fails: the server does not say which
 * (apiserver:pkg/endpoints/handlers/patch.go@v0.36.2).
 */
export function jsonPatch(target: Payload, operations: readonly Payload[]): Payload {
  checkOperations(operations);
  const result: Payload = structuredClone(target);
  for (const operation of operations as readonly (Operation & { from?: string })[]) {
    const { path, from } = operation;
    const read = {
      ...operation,
      ...(path === undefined ? {} : { path: pointer(path) }),
      ...(from === undefined ? {} : { from: pointer(from) }),
    };
    const [error] = applyPatch(result, [read]);
    if (error === null || error === undefined || isTestOfNothing(operation, result)) continue;
    throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
  return result;
}
