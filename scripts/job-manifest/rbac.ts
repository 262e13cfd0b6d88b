/** Roles that allow what the suite does and nothing else: the one list, as RBAC rules. */
import type { Interruption } from '../../fixtures/interruption-kinds.ts';
import { neededAccess, type Occasion, type Place } from '../../helpers/longhorn/access/needed.ts';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A run in a namespace that is there, which does not sweep after others. */
const usual: readonly Occasion[] = ['every run', 'other scenario', 'snapshots', 'broken connection', 'failure'];

/** Patching nodes is a lot to ask for: it is granted only to a run that is told to interrupt a rebuild that way. */
export function occasionsOf({ interruption }: { readonly interruption: Interruption }): readonly Occasion[] {
  return interruption === 'node' ? [...usual, 'cordon'] : usual;
}

/** What is needed on these occasions at one place; resources of a group with the same verbs share a rule. */
export function rulesFor(place: Place, occasions: readonly Occasion[]): PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  for (const entry of neededAccess) {
    if (entry.place !== place || !occasions.includes(entry.occasion)) continue;
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
