/** Sets of field paths as managedFields writes them: `{"f:data":{"f:k":{}}}`. */
import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import { isMergedSet, mergeKeyOf } from './merge-keys.ts';

/** A path is a list of `f:name`, `k:{"name":"x"}` and `v:"x"` steps, joined for use as a set member. */
export type FieldPath = string;

const separator = '\u0000';

export function stepsOf(path: FieldPath): string[] {
  return path.split(separator);
}

const join = (steps: readonly string[]): FieldPath => steps.join(separator);

// Parts of built-in kinds that are there even when nothing is in them, so that nobody owns them.
const alwaysThere = new Set(['f:spec', 'f:status', 'f:template', 'f:strategy', 'f:updateStrategy', 'f:jobTemplate']);

/** Whether a map that holds something has an owner of its own. */
function isOwnable(steps: readonly string[], apiVersion: string): boolean {
  if (steps.length === 1 && steps[0] === 'f:metadata') return false;
  const custom = /\..*\//.test(apiVersion) && !apiVersion.includes('.k8s.io/');
  return custom || !alwaysThere.has(steps.at(-1) ?? '');
}

/**
 * The owned leaves of an object; lists without merge keys are one leaf.
 * @param parents whether maps that hold something count too, as `.`: they do for who writes an object, not for who applies
 */
export function leavesOf(object: Record<string, Payload>, parents: 'with maps' | 'leaves only' = 'leaves only'): Set<FieldPath> {
  const leaves = new Set<FieldPath>();
  const walk = (value: Payload, steps: readonly string[], names: readonly string[]): void => {
    const key = mergeKeyOf(names);
    if (Array.isArray(value) && isMergedSet(names)) {
      for (const item of value) leaves.add(join([...steps, `v:${JSON.stringify(item)}`]));
    } else if (Array.isArray(value) && key !== undefined && value.every((item) => isObject(item) && item[key] !== undefined)) {
      for (const item of value) {
        const at = [...steps, `k:${JSON.stringify({ [key]: item[key] })}`];
        leaves.add(join([...at, '.']));
        for (const [name, child] of Object.entries(item as Record<string, Payload>)) walk(child, [...at, `f:${name}`], [...names, name]);
      }
    } else if (isObject(value) && Object.keys(value).length > 0) {
      if (parents === 'with maps' && isOwnable(steps, String(object['apiVersion']))) leaves.add(join([...steps, '.']));
      for (const [name, child] of Object.entries(value)) walk(child, [...steps, `f:${name}`], [...names, name]);
    } else leaves.add(join(steps));
  };
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  for (const [name, value] of Object.entries(rest)) walk(value, [`f:${name}`], [name]);
  if (isObject(metadata)) {
    for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences']) {
      if (metadata[field] !== undefined) walk(metadata[field], ['f:metadata', `f:${field}`], ['metadata', field]);
    }
  }
  return leaves;
}

export function toFieldsV1(paths: Iterable<FieldPath>): Payload {
  const root: Record<string, Payload> = {};
  for (const path of paths) {
    let node = root;
    for (const step of stepsOf(path)) node = node[step] ??= {};
  }
  return root;
}

export function fromFieldsV1(fields: Payload): Set<FieldPath> {
  const leaves = new Set<FieldPath>();
  const walk = (node: Record<string, Payload>, steps: readonly string[]): void => {
    const children = Object.entries(node);
    if (children.length === 0) leaves.add(join(steps));
    for (const [step, child] of children) walk(child, [...steps, step]);
  };
  walk((fields ?? {}) as Record<string, Payload>, []);
  leaves.delete('');
  return leaves;
}

/** The value at a path; undefined when something on the way is missing. */
export function valueAt(object: Payload, path: FieldPath): Payload {
  let value: Payload = object;
  for (const step of stepsOf(path)) {
    if (value === undefined || value === null || step === '.') return value;
    if (step.startsWith('f:')) value = value[step.slice(2)];
    else value = Array.isArray(value) ? value.find((item) => stepMatches(step, item)) : undefined;
  }
  return value;
}

function stepMatches(step: string, item: Payload): boolean {
  const wanted: Payload = JSON.parse(step.slice(2));
  if (step.startsWith('v:')) return item === wanted;
  return Object.entries(wanted as Record<string, Payload>).every(([key, value]) => item?.[key] === value);
}

/** Removes what a path names, in place, and parents that became empty lists of keyed items. */
export function removeAt(object: Payload, path: FieldPath): void {
  const steps = stepsOf(path);
  const last = steps.at(-1) ?? '';
  const whole = last === '.' ? steps.slice(0, -1) : steps;
  const parent: Payload = whole.length === 1 ? object : valueAt(object, join(whole.slice(0, -1)));
  const step = whole.at(-1) ?? '';
  if (Array.isArray(parent)) {
    const index = parent.findIndex((item) => stepMatches(step, item));
    if (index !== -1) parent.splice(index, 1);
  } else if (isObject(parent)) delete parent[step.slice(2)];
}

/** `.spec.containers[name="c"].image`, as conflicts name a field. */
export function pathText(path: FieldPath): string {
  return stepsOf(path)
    .filter((step) => step !== '.')
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
      const keys = Object.entries(JSON.parse(step.slice(2)) as Record<string, Payload>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
