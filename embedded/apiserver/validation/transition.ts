/**
 * `x-kubernetes-validations` without a CEL interpreter: the one family of rules that Longhorn's CRDs use, fields that
 * must not change once set.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue } from '../errors.ts';
import type { ResourceType } from '../resources/type.ts';
import type { KubeObject } from '../store.ts';
import { child, isObject } from './schema.ts';
import type { Schema } from './schema.ts';

/** `self == oldSelf`, optionally `oldSelf == '' || self == oldSelf`, with any number or text for the empty one. */
function holds(rule: string, self: unknown, oldSelf: unknown): boolean {
  const text = rule.replace(/\s+/g, '');
  if (text === 'self==oldSelf') return isDeepStrictEqual(self, oldSelf);
  const [, literal] =
    /^oldSelf==('[^']*'|"[^"]*"|-?\d+)\|\|self==oldSelf$/.exec(text.replace('size(oldSelf)==0', "oldSelf==''")) ?? [];
  if (literal !== undefined)
    return String(oldSelf) === literal.replace(/^['"]|['"]$/g, '') || isDeepStrictEqual(self, oldSelf);
  return true;
}

function walk(schema: Schema, self: unknown, oldSelf: unknown, path: string): FieldError[] {
  if (self === undefined || oldSelf === undefined) return [];
  const errors: FieldError[] = [];
  for (const { rule, message = `failed rule: ${rule.trim()}`, reason } of schema['x-kubernetes-validations'] ?? []) {
    if (!rule.includes('oldSelf') || holds(rule, self, oldSelf)) continue;
    if (reason === 'FieldValueForbidden') errors.push(forbiddenField(path, message));
    // Objects and lists are not shown.
    else
      errors.push(
        typeof self === 'object'
          ? { reason: 'FieldValueInvalid', field: path, message: `Invalid value: ${message}` }
          : invalidValue(path, self, message),
      );
  }
  if (isObject(self) && isObject(oldSelf)) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      errors.push(...walk(property, self[key], oldSelf[key], child(path, key)));
    }
  }
  return errors;
}

export function transitionErrors(type: ResourceType, next: KubeObject, old: KubeObject): FieldError[] {
  const schema = type.custom?.schema as Schema | undefined;
  return schema === undefined ? [] : walk(schema, next, old, '');
}
