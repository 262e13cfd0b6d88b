/**
 * How the fields of a kind are owned: which values are one field, and which are made of fields
 * (sigs.k8s.io/structured-merge-diff:schema@v6, kube-openapi:pkg/schemaconv@v0.36.2).
 */
import type { ResourceType } from '../resources/type.ts';
import type { Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import type { Schema } from '../validation/schema.ts';
import { keysOf, isAtomicField, isMergedSet } from './merge-keys.ts';

export type Shape =
  /** One field, whatever is in it. */
  | { readonly kind: 'leaf' }
  | { readonly kind: 'map'; field(name: string): Shape; isDeclared(name: string): boolean }
  /** A list of values that are there or not. */
  | { readonly kind: 'set' }
  /** A list whose items are told apart by some of their fields. */
  | { readonly kind: 'keyed'; readonly keys: readonly Key[]; readonly item: Shape };

export interface Key {
  readonly name: string;
  readonly default?: Payload;
}

const leaf: Shape = { kind: 'leaf' };

/** What nothing is known of: maps are made of fields, lists are one. */
const untyped: Shape = { kind: 'map', field: () => untyped, isDeclared: () => false };

const plainMap: Shape = { kind: 'map', field: () => leaf, isDeclared: () => false };

const objectMeta: Shape = {
  kind: 'map',
  field(name) {
    if (name === 'labels' || name === 'annotations') return plainMap;
    if (name === 'finalizers') return { kind: 'set' };
    return name === 'ownerReferences' ? { kind: 'keyed', keys: [{ name: 'uid' }], item: leaf } : leaf;
  },
  isDeclared: () => true,
};

const shapes = new WeakMap<Schema, Shape>();

/** The shape of what a structural schema describes. */
export function shapeOfSchema(schema: Schema): Shape {
  let shape = shapes.get(schema);
  if (shape === undefined) shapes.set(schema, (shape = made(schema)));
  return shape;
}

function made(schema: Schema): Shape {
  const { type, properties = {}, additionalProperties, items } = schema;
  if (type === 'array') return shapeOfList(schema, items);
  if (schema['x-kubernetes-preserve-unknown-fields'] === true && Object.keys(properties).length === 0) return untyped;
  if (type !== 'object' || schema['x-kubernetes-map-type'] === 'atomic') return leaf;
  const others = isObject(additionalProperties) ? shapeOfSchema(additionalProperties) : untyped;
  return {
    kind: 'map',
    field: (name) => (properties[name] === undefined ? others : shapeOfSchema(properties[name])),
    isDeclared: (name) => properties[name] !== undefined,
  };
}

function shapeOfList(schema: Schema, items: Schema | undefined): Shape {
  if (schema['x-kubernetes-list-type'] === 'set') return { kind: 'set' };
  if (schema['x-kubernetes-list-type'] !== 'map') return leaf;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((name): Key => ({
    name,
    default: items?.properties?.[name]?.default,
  }));
  return { kind: 'keyed', keys, item: items === undefined ? untyped : shapeOfSchema(items) };
}

/** Built-in kinds are known by the names of their fields. */
function shapeByName(names: readonly string[]): Shape {
  if (isAtomicField(names)) return leaf;
  if (isMergedSet(names)) return { kind: 'set' };
  const keys = keysOf(names);
  if (keys !== undefined) return { kind: 'keyed', keys, item: shapeOfItem(names) };
  return shapeOfItem(names);
}

const shapeOfItem = (names: readonly string[]): Shape => ({
  kind: 'map',
  field: (name) => shapeByName([...names, name]),
  isDeclared: () => true,
});

/** The shape of the objects of a kind. */
export function shapeOf(type: ResourceType): Shape {
  const schema = type.custom?.schema as Schema | undefined;
  const content = type.custom === undefined ? shapeByName([]) : schema === undefined ? untyped : shapeOfSchema(schema);
  const inner = content.kind === 'map' ? content : untyped;
  return {
    kind: 'map',
    field: (name) => (name === 'metadata' ? objectMeta : inner.kind === 'map' ? inner.field(name) : untyped),
    isDeclared: (name) => name === 'metadata' || (inner.kind === 'map' && inner.isDeclared(name)),
  };
}

/** How one value is to be looked at: what does not have the form of its field is a field as it stands. */
export function shapeFor(shape: Shape, values: readonly Payload[]): Shape {
  const present = values.filter((value) => value !== undefined && value !== null);
  const empty = present.every((value) =>
    Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0,
  );
  if (empty) return leaf;
  const fits =
    shape.kind === 'map'
      ? present.every(isObject)
      : shape.kind === 'leaf' || present.every((value) => Array.isArray(value));
  return fits ? shape : leaf;
}
