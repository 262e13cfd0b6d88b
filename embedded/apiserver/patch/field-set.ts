/** Sets of field paths as managedFields writes them: `{"f:data":{"f:k":{}}}` (sigs.k8s.io/structured-merge-diff:fieldpath@v6). */
import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import { shapeFor } from './shape.ts';
import type { Key, Shape } from './shape.ts';

/** A path is a list of `f:name`, `k:{"name":"x"}` and `v:"x"` steps, joined for use as a set member. */
export type FieldPath = string;

const separator = '\u0000';

export const stepsOf = (path: FieldPath): string[] => (path === '' ? [] : path.split(separator));

export const join = (steps: readonly string[]): FieldPath => steps.join(separator);

/** The step to an item of a list that is told apart by keys; defaults stand for keys that are missing. */
function keyStep(keys: readonly Key[], item: Payload): string {
  const found = keys
    .map(({ name, default: usual }) => [name, item?.[name] ?? usual] as const)
    .filter(([, value]) => value !== undefined);
  return `k:${JSON.stringify(Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1))))}`;
}

/** The parts of a value that are fields of their own, by their steps; undefined when it is one field. */
export function partsOf(
  shape: Shape,
  value: Payload,
): Map<string, { readonly value: Payload; readonly shape: Shape }> | undefined {
  switch (shape.kind) {
    case 'leaf':
      return undefined;
    case 'map':
      return new Map(
        Object.entries((value ?? {}) as Record<string, Payload>).map(([name, item]) => [
          `f:${name}`,
          { value: item, shape: shape.field(name) },
        ]),
      );
    case 'set':
      return new Map(
        ((value ?? []) as Payload[]).map((item) => [
          `v:${JSON.stringify(item)}`,
          { value: item, shape: { kind: 'leaf' } },
        ]),
      );
    case 'keyed':
      return new Map(
        ((value ?? []) as Payload[]).map((item) => [keyStep(shape.keys, item), { value: item, shape: shape.item }]),
      );
  }
}

/** The steps to the items of a list, one for each, also where two are the same. */
export function partNames(shape: Shape, items: readonly Payload[]): string[] {
  if (shape.kind === 'set') return items.map((item) => `v:${JSON.stringify(item)}`);
  return shape.kind === 'keyed' ? items.map((item) => keyStep(shape.keys, item)) : [];
}

// What is no field that anybody owns (apimachinery:pkg/util/managedfields/internal/stripmeta.go@v0.36.2).
const notOwned: ReadonlySet<FieldPath> = new Set([
  'f:apiVersion',
  'f:kind',
  'f:metadata',
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => join(['f:metadata', `f:${name}`])),
]);

export function ownable(paths: Iterable<FieldPath>): Set<FieldPath> {
  return new Set(
    [...paths].filter((path) => !notOwned.has(path) && !path.startsWith(join(['f:metadata', 'f:managedFields', '']))),
  );
}

/** The fields that a configuration names: its leaves, items of lists, and keys that nothing declares. */
export function fieldsOf(shape: Shape, object: Payload): Set<FieldPath> {
  const fields = new Set<FieldPath>();
  const walk = (of: Shape, value: Payload, steps: readonly string[]): void => {
    const parts = partsOf(shapeFor(of, [value]), value);
    if (parts === undefined) fields.add(join(steps));
    for (const [step, part] of parts ?? []) {
      const at = [...steps, step];
      const declared = of.kind === 'map' && of.isDeclared(step.slice(2));
      if (!declared || part.value === null) fields.add(join(at));
      walk(part.shape, part.value, at);
    }
  };
  walk(shape, object, []);
  return ownable(fields);
}

interface Node {
  member: boolean;
  readonly children: Map<string, Node>;
}

function treeOf(paths: Iterable<FieldPath>): Node {
  const root: Node = { member: false, children: new Map() };
  for (const path of paths) {
    let node = root;
    for (const step of stepsOf(path)) {
      let next = node.children.get(step);
      if (next === undefined) node.children.set(step, (next = { member: false, children: new Map() }));
      node = next;
    }
    node.member = true;
  }
  return root;
}

const sorted = ({ children }: Node): [string, Node][] => [...children].sort(([a], [b]) => (a < b ? -1 : 1));

export function toFieldsV1(paths: Iterable<FieldPath>): Payload {
  const write = (node: Node): Payload => ({
    ...(node.member && node.children.size > 0 ? { '.': {} } : {}),
    ...Object.fromEntries(sorted(node).map(([step, child]) => [step, write(child)])),
  });
  return write(treeOf(paths));
}

export function fromFieldsV1(fields: Payload): Set<FieldPath> {
  const paths = new Set<FieldPath>();
  const walk = (node: Record<string, Payload>, steps: readonly string[]): void => {
    const children = Object.entries(node).filter(([step]) => step !== '.');
    if (steps.length > 0 && (children.length === 0 || node['.'] !== undefined)) paths.add(join(steps));
    for (const [step, child] of children) if (isObject(child)) walk(child, [...steps, step]);
  };
  walk((fields ?? {}) as Record<string, Payload>, []);
  return paths;
}

/** The paths in the order in which conflicts are listed: on each level what is owned, then what is in the others. */
export function inOrder(paths: Iterable<FieldPath>): FieldPath[] {
  const found: FieldPath[] = [];
  const walk = (node: Node, steps: readonly string[]): void => {
    for (const [step, child] of sorted(node)) if (child.member) found.push(join([...steps, step]));
    for (const [step, child] of sorted(node)) walk(child, [...steps, step]);
  };
  walk(treeOf(paths), []);
  return found;
}

/** `.spec.containers[name="c"].image`, as conflicts name a field. */
export function pathText(path: FieldPath): string {
  return stepsOf(path)
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
      const keys = Object.entries(JSON.parse(step.slice(2)) as Record<string, Payload>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
