/**
 * Server-side apply: a manager declares the fields it wants; what it no longer declares and nobody else owns goes
 * (sigs.k8s.io/structured-merge-diff:merge/update.go@v6, apimachinery:pkg/util/managedfields/internal@v0.36.2).
 */
import { isDeepStrictEqual } from 'node:util';
import type { ResourceType } from '../resources/type.ts';
import { StatusError } from '../store.ts';
import type { KubeObject, Payload } from '../store.ts';
import { compare, merged, withParents, without } from './compare.ts';
import type { Comparison } from './compare.ts';
import { fieldsOf, fromFieldsV1, inOrder, ownable, pathText, toFieldsV1 } from './field-set.ts';
import type { FieldPath } from './field-set.ts';
import { shapeOf } from './shape.ts';

interface ManagedFields {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Payload;
  subresource?: string;
}

export interface TrackOptions {
  readonly type: ResourceType;
  readonly manager: string;
  readonly timestamp: string;
  readonly subresource: string | undefined;
}

export interface ApplyOptions extends TrackOptions {
  readonly force: boolean;
}

/** Who owns what, with the fields as a set. */
interface Owner {
  readonly entry: Omit<ManagedFields, 'fieldsV1'>;
  fields: ReadonlySet<FieldPath>;
}

function ownersOf(object: KubeObject): Owner[] {
  const entries = ((object.metadata as Payload).managedFields as ManagedFields[] | undefined) ?? [];
  return entries.map(({ fieldsV1, ...entry }) => ({ entry, fields: fromFieldsV1(fieldsV1) }));
}

const rank = ({ operation, time = '', manager, subresource = '' }: Owner['entry']): string =>
  [operation, time, manager, subresource].join('\u0000');

function withOwners(object: KubeObject, owners: readonly Owner[]): void {
  const kept = owners.filter(({ fields }) => fields.size > 0).sort((a, b) => (rank(a.entry) < rank(b.entry) ? -1 : 1));
  const metadata: Payload = object.metadata;
  if (kept.length === 0) delete metadata.managedFields;
  else {
    metadata.managedFields = kept.map(({ entry, fields }): ManagedFields => {
      const { manager, operation, apiVersion, time, fieldsType, subresource } = entry;
      return {
        manager,
        operation,
        apiVersion,
        ...(time === undefined ? {} : { time }),
        fieldsType,
        fieldsV1: toFieldsV1(fields),
        ...(subresource === undefined ? {} : { subresource }),
      };
    });
  }
}

function entryOf(
  object: KubeObject,
  operation: ManagedFields['operation'],
  { manager, timestamp, subresource }: TrackOptions,
): Owner['entry'] {
  return {
    manager,
    operation,
    apiVersion: object.apiVersion,
    time: timestamp,
    fieldsType: 'FieldsV1',
    ...(subresource === undefined ? {} : { subresource }),
  };
}

const sameEntry = (one: Owner['entry'], other: Owner['entry']): boolean =>
  one.manager === other.manager && one.operation === other.operation && one.subresource === other.subresource;

// Structures and lists of built-in kinds that are there even when nothing is in them, so that nobody owns them.
const alwaysThere = new Set([
  'f:spec',
  'f:containers',
  'f:status',
  'f:names',
  'f:template',
  'f:strategy',
  'f:updateStrategy',
  'f:jobTemplate',
]);

function isThereFor(type: ResourceType): (steps: readonly string[]) => boolean {
  if (type.custom !== undefined) return () => false;
  return (steps) =>
    alwaysThere.has(steps.at(-1) ?? '') || (steps.at(-1) === 'f:metadata' && steps.at(-2) === 'f:template');
}

/** What a path through which a write came cannot change, nobody owns by it (the strategies' GetResetFields). */
function settable(paths: ReadonlySet<FieldPath>, { type, subresource }: TrackOptions): Set<FieldPath> {
  const hasStatus = type.subresources.some(({ name }) => name === 'status');
  const inside = (path: FieldPath, field: string): boolean => path === field || path.startsWith(`${field}\u0000`);
  return ownable(
    [...paths].filter((path) => {
      if (subresource === 'status')
        return type.custom === undefined ? !inside(path, 'f:spec') : inside(path, 'f:status');
      return !hasStatus || !inside(path, 'f:status');
    }),
  );
}

function comparison(before: Payload, after: Payload, options: TrackOptions): Comparison {
  const { added, modified, removed } = compare(shapeOf(options.type), before, after, isThereFor(options.type));
  return {
    added: settable(added, options),
    modified: settable(modified, options),
    removed: settable(removed, options),
  };
}

/** What was there before the first apply belongs to whoever wrote it. */
function ownersBefore(current: KubeObject, options: ApplyOptions): Owner[] {
  const known = ownersOf(current);
  if (known.length > 0) return known;
  const by: TrackOptions = { ...options, manager: 'before-first-apply', subresource: undefined };
  return [{ entry: entryOf(current, 'Update', by), fields: comparison({}, current, by).added }];
}

const intersection = (one: ReadonlySet<FieldPath>, other: ReadonlySet<FieldPath>): FieldPath[] =>
  [...one].filter((path) => other.has(path));
const difference = (one: ReadonlySet<FieldPath>, ...others: ReadonlySet<FieldPath>[]): Set<FieldPath> =>
  new Set([...one].filter((path) => !others.some((other) => other.has(path))));

/**
 * The object after applying; `current` undefined means it is created.
 * @throws StatusError 409 naming each field that another manager owns with another value, unless forced.
 */
export function applyConfiguration(
  current: KubeObject | undefined,
  applied: KubeObject,
  options: ApplyOptions,
): KubeObject {
  const shape = shapeOf(options.type);
  const owners = current === undefined ? [] : ownersBefore(current, options);
  const own: Owner = { entry: entryOf(applied, 'Apply', options), fields: settable(fieldsOf(shape, applied), options) };
  const former = owners.find(({ entry }) => sameEntry(entry, own.entry));
  const others = owners.filter((owner) => owner !== former);

  const whole = merged(shape, current ?? {}, applied) as KubeObject;
  const owned = withParents(
    shape,
    [...others, own].flatMap(({ fields }) => [...fields]),
  );
  owned.add('f:metadata');
  const gone = former === undefined ? new Set<FieldPath>() : difference(withParents(shape, former.fields), owned);
  const next = without(shape, whole, gone) as KubeObject;

  const { added, modified, removed } = comparison(current ?? {}, next, options);
  const changed = new Set([...added, ...modified]);
  const conflicts = others.flatMap(({ entry, fields }) =>
    inOrder(intersection(fields, changed)).map((path) => ({ entry, path })),
  );
  if (conflicts.length > 0 && !options.force) throw conflictError(conflicts);
  for (const owner of others) owner.fields = difference(owner.fields, changed, removed);

  const { managedFields: _before, ...metadataBefore } = (current?.metadata ?? {}) as Payload;
  const { managedFields: _after, ...metadataAfter } = next.metadata as Payload;
  // A configuration that changes nothing leaves the time of its owner as it was.
  const unchanged =
    current !== undefined &&
    isDeepStrictEqual({ ...current, metadata: metadataBefore }, { ...next, metadata: metadataAfter });
  const { time: _time, ...untimed } = own.entry;
  const entry = unchanged
    ? { ...untimed, ...(former?.entry.time === undefined ? {} : { time: former.entry.time }) }
    : own.entry;
  withOwners(next, [...others, { entry, fields: own.fields }]);
  return next;
}

function conflictError(conflicts: readonly { entry: Owner['entry']; path: FieldPath }[]): StatusError {
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
  const lines = [...byManager].map(([message, fields]) => [
    `${message.replace(/^conflict /, 'conflicts ')}:`,
    ...fields.map((field) => `- ${field}`),
  ]);
  return lines.flat().join('\n');
}

/** At creation over HTTP: who creates an object owns every field of it. What a client says about owners is not believed. */
export function trackCreate(object: KubeObject, options: TrackOptions): void {
  withOwners(object, [{ entry: entryOf(object, 'Update', options), fields: comparison({}, object, options).added }]);
}

/**
 * Who owned what before a write: a client may rewrite that or, with one empty entry, forget it; a client that sends
 * nothing knows nothing of it (apimachinery:pkg/util/managedfields/internal/fieldmanager.go@v0.36.2).
 */
function ownersSent(old: KubeObject, next: KubeObject, { subresource }: TrackOptions): Owner[] {
  const sent = ((next.metadata as Payload).managedFields as Payload[] | undefined) ?? [];
  if (subresource !== undefined || sent.length === 0) return ownersOf(old);
  if (sent.length === 1 && Object.keys(sent[0] as object).length === 0) return [];
  return ownersOf(next);
}

/** After a write that is no apply: the writer takes over what it changed. Objects that were never applied are left alone. */
export function trackUpdate(old: KubeObject, next: KubeObject, options: TrackOptions): void {
  const owners = ownersSent(old, next, options);
  if (owners.length === 0) {
    delete (next.metadata as Payload).managedFields;
    return;
  }
  const { added, modified, removed } = comparison(old, next, options);
  const changed = new Set([...added, ...modified]);
  for (const owner of owners) owner.fields = difference(owner.fields, changed, removed);
  if (changed.size > 0) {
    const entry = entryOf(next, 'Update', options);
    const at = owners.findIndex((owner) => sameEntry(owner.entry, entry));
    const [before] = at === -1 ? [] : owners.splice(at, 1);
    owners.push({ entry, fields: new Set([...(before?.fields ?? []), ...changed]) });
  }
  withOwners(next, owners);
}
