/** Server-side apply: a manager declares the fields it wants; what it no longer declares and nobody else owns goes. */
import { isDeepStrictEqual } from 'node:util';
import { StatusError } from '../store.ts';
import type { KubeObject, Payload } from '../store.ts';
import { isObject } from '../validation/schema.ts';
import { fromFieldsV1, leavesOf, pathText, removeAt, stepsOf, toFieldsV1, valueAt } from './field-set.ts';
import type { FieldPath } from './field-set.ts';
import { isMergedSet, mergeKeyOf } from './merge-keys.ts';

interface ManagedFields {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Payload;
  subresource?: string;
}

export interface ApplyOptions {
  readonly manager: string;
  readonly force: boolean;
  readonly timestamp: string;
  readonly subresource: string | undefined;
}

function managersOf(object: KubeObject): ManagedFields[] {
  return structuredClone(((object.metadata as Payload).managedFields as ManagedFields[] | undefined) ?? []);
}

function withManagers(object: KubeObject, managers: readonly ManagedFields[]): void {
  const kept = managers.filter((entry) => Object.keys(entry.fieldsV1 as object).length > 0);
  const metadata: Payload = object.metadata;
  if (kept.length === 0) delete metadata.managedFields;
  else metadata.managedFields = kept;
}

function entryOf(object: KubeObject, paths: Iterable<FieldPath>, operation: ManagedFields['operation'], options: Omit<ApplyOptions, 'force'>): ManagedFields {
  return {
    manager: options.manager,
    operation,
    apiVersion: object.apiVersion,
    time: options.timestamp,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(paths),
    ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
  };
}

function merged(target: Payload, applied: Payload, names: readonly string[]): Payload {
  if (isObject(applied)) {
    const result: Record<string, Payload> = isObject(target) ? { ...target } : {};
    for (const [name, value] of Object.entries(applied)) {
      if (value !== null) result[name] = merged(result[name], value, [...names, name]);
    }
    return result;
  }
  if (!Array.isArray(applied) || !Array.isArray(target)) return structuredClone(applied);
  if (isMergedSet(names)) return [...target, ...applied.filter((item) => !target.includes(item))];
  const key = mergeKeyOf(names);
  if (key === undefined) return structuredClone(applied);
  const result = [...target];
  for (const item of applied) {
    const index = result.findIndex((one) => one?.[key] === item?.[key]);
    if (index === -1) result.push(structuredClone(item));
    else result[index] = merged(result[index], item, names);
  }
  return result;
}

/** What was there before the first apply belongs to whoever wrote it. */
function ownersBefore(current: KubeObject, options: ApplyOptions): ManagedFields[] {
  const known = managersOf(current);
  if (known.length > 0) return known;
  const { status: _status, ...desired } = current;
  return [entryOf(current, leavesOf(desired), 'Update', { ...options, manager: 'before-first-apply', subresource: undefined })];
}

/**
 * The object after applying; `current` undefined means it is created.
 * @throws StatusError 409 naming each field that another manager owns with another value, unless forced.
 */
export function applyConfiguration(current: KubeObject | undefined, applied: KubeObject, options: ApplyOptions): KubeObject {
  const { managedFields: _managedFields, ...metadata } = applied.metadata as Payload;
  const configuration: KubeObject = { ...applied, metadata };
  const wanted = leavesOf(configuration);
  if (current === undefined) {
    const created = structuredClone(configuration);
    withManagers(created, [entryOf(created, wanted, 'Apply', options)]);
    return created;
  }
  const owners = ownersBefore(current, options);
  const isOwn = (entry: ManagedFields): boolean =>
    entry.manager === options.manager && entry.operation === 'Apply' && entry.subresource === options.subresource;
  const others = owners.filter((entry) => !isOwn(entry));
  const conflicts = others.flatMap((entry) =>
    [...fromFieldsV1(entry.fieldsV1)]
      .filter((path) => wanted.has(path) && differs(path, current, configuration))
      .map((path) => ({ entry, path })),
  );
  if (conflicts.length > 0 && !options.force) throw conflictError(conflicts);

  const next = merged(current, configuration, []) as KubeObject;
  const draft = structuredClone(next);
  const before = owners.find(isOwn);
  const ownedByOthers = new Set(others.flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)]));
  for (const path of before === undefined ? [] : fromFieldsV1(before.fieldsV1)) {
    if (!holds(wanted, path) && !holds(ownedByOthers, path)) removeAt(draft, path);
  }
  const lost = new Set(conflicts.map(({ path }) => path));
  const remaining = others.map((entry) => ({
    ...entry,
    fieldsV1: toFieldsV1([...fromFieldsV1(entry.fieldsV1)].filter((path) => !lost.has(path))),
  }));
  const own = entryOf(draft, wanted, 'Apply', options);
  const unchanged = before !== undefined && isDeepStrictEqual(before.fieldsV1, own.fieldsV1);
  withManagers(draft, [...remaining, unchanged ? before : own]);
  return draft;
}

/** Whether two objects differ at a path. That of an item as such says only that it is there; what is in it counts for itself. */
function differs(path: FieldPath, one: KubeObject, other: KubeObject): boolean {
  if (stepsOf(path).at(-1) === '.') return (valueAt(one, path) === undefined) !== (valueAt(other, path) === undefined);
  return !isDeepStrictEqual(valueAt(one, path), valueAt(other, path));
}

/** Whether a set of paths has a path or, when it is that of a whole map or item, anything in it. */
function holds(paths: ReadonlySet<FieldPath>, path: FieldPath): boolean {
  if (paths.has(path)) return true;
  if (stepsOf(path).at(-1) !== '.') return false;
  const inside = path.slice(0, -1);
  return [...paths].some((one) => one.startsWith(inside));
}

function conflictError(conflicts: readonly { entry: ManagedFields; path: FieldPath }[]): StatusError {
  const causes = conflicts.map(({ entry, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${entry.manager}"${entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`}${entry.operation === 'Apply' ? '' : ` using ${entry.apiVersion}`}`,
    field: pathText(path),
  }));
  const [only] = causes;
  const message =
    causes.length === 1 && only !== undefined
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
      : `Apply failed with ${causes.length} conflicts: ${groupedText(causes)}`;
  return new StatusError(409, 'Conflict', message, { causes });
}

function groupedText(causes: readonly { message: string; field: string }[]): string {
  const byManager = new Map<string, string[]>();
  for (const { message, field } of causes) byManager.set(message, [...(byManager.get(message) ?? []), field]);
  const lines = [...byManager].map(([message, fields]) => [`${message.replace(/^conflict /, 'conflicts ')}:`, ...fields.map((field) => `- ${field}`)]);
  return lines.flat().join('\n');
}

/** At creation over HTTP: who creates an object owns every field of it. What a client says about owners is not believed. */
export function trackCreate(object: KubeObject, options: Omit<ApplyOptions, 'force'>): void {
  withManagers(object, [entryOf(object, leavesOf(object, 'with maps'), 'Update', options)]);
}

/**
 * Who owned what before a write: a client may rewrite that or, with one empty entry, forget it; a client that sends
 * nothing knows nothing of it (apimachinery:pkg/util/managedfields/internal/fieldmanager.go@v0.36.2).
 */
function managersAfter(old: KubeObject, next: KubeObject, { subresource }: Omit<ApplyOptions, 'force'>): ManagedFields[] {
  const sent = managersOf(next);
  if (subresource !== undefined || sent.length === 0) return managersOf(old);
  const [first] = sent;
  if (sent.length === 1 && first !== undefined && Object.keys(first).length === 0) return [];
  return sent;
}

/** After a write that is no apply: the writer takes over what it changed. Objects that were never applied are left alone. */
export function trackUpdate(old: KubeObject, next: KubeObject, options: Omit<ApplyOptions, 'force'>): void {
  if (managersOf(old).length === 0) return;
  const managers = managersAfter(old, next, options);
  const changed = new Set<FieldPath>();
  const present = leavesOf(next, 'with maps');
  for (const path of present) {
    // A map is changed by being made; what is in it counts for itself.
    const before = valueAt(old, path);
    if (stepsOf(path).at(-1) === '.' ? before === undefined : !isDeepStrictEqual(before, valueAt(next, path))) changed.add(path);
  }
  const others = managers.map((entry) => ({
    ...entry,
    fieldsV1: toFieldsV1([...fromFieldsV1(entry.fieldsV1)].filter((path) => present.has(path) && !changed.has(path))),
  }));
  const own = others.find((entry) => entry.manager === options.manager && entry.operation === 'Update' && entry.subresource === options.subresource);
  if (changed.size > 0) {
    const paths = own === undefined ? changed : new Set([...fromFieldsV1(own.fieldsV1), ...changed]);
    if (own !== undefined) others.splice(others.indexOf(own), 1);
    others.push(entryOf(next, paths, 'Update', options));
  }
  withManagers(next, others);
}
