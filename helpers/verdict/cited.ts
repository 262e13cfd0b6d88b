import type { Plan } from '../oracle/plan.ts';
import { isOfOneVolume } from '../oracle/parallel-plan.ts';
import { planOfContent } from '../oracle/recipe.ts';
import type { RunEvent } from './events.ts';
import type { Finding } from './finding-schema.ts';
import { eventsOf, firstOf, type EventOf } from './history.ts';
import { cite } from './known-defects.ts';
import type { SymptomContext } from './symptoms.ts';

/**
 * The findings, each with the known defects that it is a symptom of. Of several volumes each is judged by what itself must
 * hold and by its own rebuild; the order of the findings stays.
 */
export function citedFindings(events: readonly RunEvent[], found: readonly Finding[]): Finding[] {
  const plan = firstOf(events, 'plan')?.plan ?? null;
  const cited = new Map<Finding, Finding>();
  const judge = (findings: readonly Finding[], context: SymptomContext): void => {
    for (const [index, result] of cite(findings, context).entries()) {
      const finding = findings[index];
      if (finding !== undefined) cited.set(finding, result);
    }
  };
  for (const { recipe } of eventsOf(events, 'content')) {
    if (plan === null || !isOfOneVolume(recipe.name)) continue;
    const replicas = replicasOf(events, recipe.name);
    const proven = eventsOf(events, 'rebuild-proven').find(({ rebuilt }) => replicas.has(rebuilt.replica));
    const own = found.filter((finding) => isOf(finding, recipe.name, replicas));
    judge(own, contextOf(events, planOfContent(plan, recipe), proven));
  }
  const others = found.filter((finding) => !cited.has(finding));
  judge(others, contextOf(events, plan, firstOf(events, 'rebuild-proven')));
  return found.map((finding) => cited.get(finding) ?? finding);
}

function contextOf(
  events: readonly RunEvent[],
  plan: Plan | null,
  proven: EventOf<'rebuild-proven'> | undefined,
): SymptomContext {
  const audits = eventsOf(events, 'lvol-audit').filter(({ phase }) => phase !== 'attached' && phase !== 'baseline');
  return {
    plan,
    longhornVersion: firstOf(events, 'environment')?.longhornVersion ?? null,
    rebuilt: proven?.rebuilt.replica ?? null,
    otherDisk: proven?.sources.some(({ diskUuid }) => diskUuid !== proven.rebuilt.diskUuid) ?? false,
    rebuiltAudited: audits.some(({ chains }) => chains.some(({ replica }) => replica === proven?.rebuilt.replica)),
  };
}

/** All that ever could answer for the volume. */
function replicasOf(events: readonly RunEvent[], content: string): Set<string> {
  return new Set(eventsOf(events, 'pass').flatMap((pass) => (pass.content === content ? pass.replicas : [])));
}

function isOf(finding: Finding, content: string, replicas: ReadonlySet<string>): boolean {
  if ('content' in finding) return finding.content === content;
  return 'replica' in finding && replicas.has(finding.replica.replica);
}
