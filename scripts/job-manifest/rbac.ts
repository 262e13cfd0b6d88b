/** Roles that allow what the suite does and nothing else: the one list, as RBAC rules. */
import { neededAccess, type NeededAccess, type Occasion, type Place } from '../../helpers/longhorn/access/needed.ts';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The Job works in a namespace that is there, and does not sweep after others. */
export const jobOccasions: readonly Occasion[] = [
  'every run',
  'other scenario',
  'snapshots',
  'broken connection',
  'failure',
];

/** What the Job's service account needs at one place; resources of a group with the same verbs share a rule. */
export function rulesFor(place: Place, needed: readonly NeededAccess[] = neededAccess): PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  for (const entry of needed) {
    if (entry.place !== place || !jobOccasions.includes(entry.occasion)) continue;
    const key = `${entry.group}|${entry.resource}${entry.subresource === undefined ? '' : `/${entry.subresource}`}`;
    verbs.set(key, new Set([...(verbs.get(key) ?? []), ...entry.verbs]));
  }
  const rules = new Map<string, { group: string; resources: string[]; verbs: string[] }>();
  for (const [key, wanted] of verbs) {
    const [group = '', resource = ''] = key.split('|');
    const sorted = [...wanted].sort();
    const rule = rules.get(`${group}|${sorted.join()}`) ?? { group, resources: [], verbs: sorted };
    rule.resources.push(resource);
    rules.set(`${group}|${sorted.join()}`, rule);
  }
  return [...rules.values()].map(({ group, resources, verbs: allowed }) => ({
    apiGroups: [group],
    resources,
    verbs: allowed,
  }));
}
