/** What a write changed, and what a configuration does to an object, field by field (sigs.k8s.io/structured-merge-diff:typed@v6). */
import { isDeepStrictEqual } from 'node:util';
import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import { join, partsOf } from './field-set.ts';
import type { FieldPath } from './field-set.ts';
import { shapeFor } from './shape.ts';
import type { Shape } from './shape.ts';

export interface Comparison {
  readonly added: ReadonlySet<FieldPath>;
  readonly modified: ReadonlySet<FieldPath>;
  readonly removed: ReadonlySet<FieldPath>;
}

/** @param isThere whether a map is there even when nothing is in it, so that nobody makes it */
export function compare(
  shape: Shape,
  before: Payload,
  after: Payload,
  isThere: (steps: readonly string[]) => boolean,
): Comparison {
  const added = new Set<FieldPath>();
  const modified = new Set<FieldPath>();
  const removed = new Set<FieldPath>();
  const walk = (of: Shape, one: Payload, other: Payload, steps: readonly string[]): void => {
    const form = shapeFor(of, [one, other]);
    const path = join(steps);
    if (form.kind === 'leaf') {
      if (one === undefined) added.add(path);
      else if (other === undefined) removed.add(path);
      else if (!isDeepStrictEqual(one, other)) modified.add(path);
      return;
    }
    const [from, to] = [partsOf(form, one) ?? new Map(), partsOf(form, other) ?? new Map()] as const;
    for (const step of new Set([...from.keys(), ...to.keys()])) {
      const [left, right] = [from.get(step), to.get(step)];
      const part = (left ?? right)?.shape;
      if (part !== undefined) walk(part, left?.value, right?.value, [...steps, step]);
    }
    if (steps.length === 0 || isThere(steps)) return;
    if (one === undefined) added.add(path);
    else if (other === undefined) removed.add(path);
  };
  walk(shape, before, after, []);
  return { added, modified, removed };
}

/** The object with what a configuration names. */
export function merged(shape: Shape, target: Payload, applied: Payload): Payload {
  const form = shapeFor(shape, [target, applied]);
  if (applied === undefined) return target;
  if (form.kind === 'leaf' || applied === null) return structuredClone(applied);
  if (form.kind === 'map') {
    const result: Record<string, Payload> = isObject(target) ? { ...target } : {};
    for (const [name, value] of Object.entries(applied as Record<string, Payload>))
      result[name] = merged(form.field(name), result[name], value);
    return result;
  }
  const [had, given] = [partsOf(form, target) ?? new Map(), partsOf(form, applied) ?? new Map()] as const;
  const items = new Map<string, Payload>([...had].map(([step, { value }]) => [step, value]));
  for (const [step, part] of given) items.set(step, merged(part.shape, items.get(step), part.value));
  return [...items.values()];
}

/** The object without some fields and what is in them. */
export function without(shape: Shape, object: Payload, gone: ReadonlySet<FieldPath>): Payload {
  const walk = (of: Shape, value: Payload, steps: readonly string[]): Payload => {
    const form = shapeFor(of, [value]);
    const parts = partsOf(form, value);
    if (parts === undefined) return value;
    const kept = [...parts]
      .filter(([step]) => !gone.has(join([...steps, step])))
      .map(([step, part]) => [step, walk(part.shape, part.value, [...steps, step])] as const);
    // What has lost all that was in it is null from then on.
    if (kept.length === 0 && parts.size > 0) return null;
    if (form.kind !== 'map') return kept.map(([, item]) => item);
    return Object.fromEntries(kept.map(([step, item]) => [step.slice(2), item]));
  };
  return walk(shape, object, []);
}

/** The paths with the declared fields that lead to them. */
export function withParents(shape: Shape, paths: Iterable<FieldPath>): Set<FieldPath> {
  const all = new Set<FieldPath>();
  for (const path of paths) {
    all.add(path);
    const steps = path.split('\u0000');
    let of: Shape = shape;
    steps.forEach((step, index) => {
      const name = step.slice(2);
      if (step.startsWith('f:') && of.kind === 'map' && of.isDeclared(name)) all.add(join(steps.slice(0, index + 1)));
      of = of.kind === 'map' ? of.field(name) : of.kind === 'keyed' ? of.item : { kind: 'leaf' };
    });
  }
  return all;
}
