import { StatusError } from '../store.ts';
import type { Payload } from '../store.ts';
import { goPrinted } from '../wire/go-print.ts';
import { isObject } from '../validation/schema.ts';
import { isMergedSet, mergeKeyOf } from './merge-keys.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deleteFrom = '$deleteFromPrimitiveList/';
const elementOrder = '$setElementOrder/';

/** Strategic merge patch of a built-in kind, on a copy; directives and merge keys as apimachinery's strategicpatch. */
export function strategicPatch(target: Payload, patch: Payload): Payload {
  return mergeMaps(isObject(target) ? target : {}, patch, []);
}

/** Passed on as it came: apiserver:pkg/endpoints/handlers/patch.go interpretStrategicMergePatchError@v0.36.2. */
function unknownDirective(asked: unknown, map: Payload): StatusError {
  return new StatusError(500, '', `unknown patch type: ${goPrinted(asked)} in map: ${goPrinted(map)}`);
}

function mergeMaps(
  target: Record<string, Payload>,
  patch: Record<string, Payload>,
  path: readonly string[],
): Record<string, Payload> {
  const asked: unknown = patch[directive];
  if (asked === 'replace') {
    const { [directive]: _directive, ...rest } = patch;
    return structuredClone(rest);
  }
  if (asked === 'delete') return {};
  if (asked !== undefined) throw unknownDirective(asked, patch);
  const result: Record<string, Payload> = { ...target };
  const kept: readonly string[] | undefined = patch[retainKeys];
  if (kept !== undefined) for (const key of Object.keys(result)) if (!kept.includes(key)) delete result[key];
  for (const [key, value] of Object.entries(patch)) {
    if (key === directive || key === retainKeys || key.startsWith(elementOrder)) continue;
    if (key.startsWith(deleteFrom)) {
      const field = key.slice(deleteFrom.length);
      const gone = value as unknown[];
      result[field] = ((result[field] ?? []) as unknown[]).filter((item) => !gone.includes(item));
    } else if (value === null) delete result[key];
    else if (Array.isArray(value)) {
      result[key] = mergeLists(
        (result[key] as Payload[] | undefined) ?? [],
        value,
        [...path, key],
        patch[`${elementOrder}${key}`] as Payload[] | undefined,
      );
    } else if (isObject(value))
      result[key] = mergeMaps(isObject(result[key]) ? result[key] : {}, value, [...path, key]);
    else result[key] = value;
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(elementOrder)) continue;
    const field = key.slice(elementOrder.length);
    if (patch[field] === undefined && Array.isArray(result[field])) {
      result[field] = ordered(result[field], order as Payload[], mergeKeyOf([...path, field]));
    }
  }
  return result;
}

function mergeLists(
  target: readonly Payload[],
  patch: readonly Payload[],
  path: readonly string[],
  order: readonly Payload[] | undefined,
): Payload[] {
  const key = mergeKeyOf(path);
  if (isMergedSet(path))
    return ordered([...target, ...patch.filter((item) => !target.includes(item))], order, undefined);
  const items = patch.filter(
    (item) => !(isObject(item) && item[directive] === 'replace' && Object.keys(item).length === 1),
  );
  if (key === undefined || items.length < patch.length) return structuredClone(items);
  let result = [...target];
  for (const item of items) {
    if (!isObject(item) || item[key] === undefined) {
      throw new StatusError(500, '', `map: ${goPrinted(item)} does not contain declared merge key: ${key}`);
    }
    const asked: unknown = item[directive];
    if (asked !== undefined && asked !== 'delete') throw unknownDirective(asked, item);
    const index = result.findIndex((one) => isObject(one) && one[key] === item[key]);
    if (asked === 'delete') result = result.filter((_one, position) => position !== index);
    else if (index === -1) result.push(mergeMaps({}, item, path));
    else result[index] = mergeMaps(result[index] as Record<string, Payload>, item, path);
  }
  return ordered(result, order, key);
}

/** Puts the elements that the order names into that order; others stay where they were relative to their neighbours. */
function ordered(items: readonly Payload[], order: readonly Payload[] | undefined, key: string | undefined): Payload[] {
  if (order === undefined) return [...items];
  const idOf = (item: Payload): unknown => (key !== undefined && isObject(item) ? item[key] : item);
  const rank = new Map(order.map((item, index) => [idOf(item), index]));
  const named = items
    .filter((item) => rank.has(idOf(item)))
    .sort((a, b) => (rank.get(idOf(a)) ?? 0) - (rank.get(idOf(b)) ?? 0));
  return [...named, ...items.filter((item) => !rank.has(idOf(item)))];
}
