/**
 * The suite without one of its detectors. A verdict is a function of the event log, so the same run can be judged again
 * as if a detector had never looked: what it alone recorded, and the plan to look, are taken out of the log.
 */
import type { Detector } from '../../embedded/faults/fault.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import type { PassPhase, RunEvent } from '../../helpers/verdict/events.ts';
import type { VerdictName } from '../../helpers/verdict/verdict.ts';

export const detectors: readonly Detector[] = ['oracle', 'isolation', 'audit', 'snapshots', 'bystander'];

/** The verdict of each blinded suite on one run. */
export function blindVerdicts(events: readonly RunEvent[]): Record<Detector, VerdictName> {
  const verdicts = detectors.map((detector) => [detector, judge(withoutDetector(events, detector)).verdict]);
  return Object.fromEntries(verdicts) as Record<Detector, VerdictName>;
}

/** The log that the run would have left without the detector. */
export function withoutDetector(events: readonly RunEvent[], detector: Detector): RunEvent[] {
  switch (detector) {
    case 'oracle':
      return withoutTruth(events);
    case 'isolation':
      return withoutPhases(events, ['degraded', 'isolated', 'source', 'isolated-second']);
    case 'snapshots':
      return withoutPhases(events, ['snapshot', 'reverted']);
    case 'bystander':
      return withoutPhases(events, ['bystander']).filter(
        (event) => event.type !== 'audit-problem' || event.problem !== 'backing-image-lvol-changed',
      );
    case 'audit':
      return events.filter(
        ({ type }) => type !== 'lvol-audit' && type !== 'snapshot-checksums' && type !== 'audit-problem',
      );
  }
}

/** What was read first is believed: before must equal after, as in the upstream test. */
function withoutTruth(events: readonly RunEvent[]): RunEvent[] {
  const first = new Map<string, Extract<RunEvent, { type: 'pass' }>>();
  for (const event of events) {
    if (event.type !== 'pass') continue;
    const content = event.content ?? '';
    if (!first.has(content)) first.set(content, event);
  }
  return events.flatMap((event): RunEvent[] => {
    if (event.type === 'wrong-blocks') return [];
    const known = event.type === 'content' ? first.get(event.recipe.name) : first.get('');
    if (known === undefined || (event.type !== 'plan' && event.type !== 'content')) return [event];
    return [{ ...event, expected: known.fingerprint }];
  });
}

function withoutPhases(events: readonly RunEvent[], phases: readonly PassPhase[]): RunEvent[] {
  return events.flatMap((event): RunEvent[] => {
    if (event.type === 'plan') {
      const passes = Object.fromEntries(
        Object.entries(event.plan.passes).map(([phase, shapes]) => [phase, isOneOf(phases, phase) ? [] : shapes]),
      ) as typeof event.plan.passes;
      return [{ ...event, plan: { ...event.plan, passes } }];
    }
    const gone =
      (event.type === 'pass' || event.type === 'pass-lost' || event.type === 'wrong-blocks') &&
      phases.includes(event.phase);
    return gone ? [] : [event];
  });
}

function isOneOf(phases: readonly PassPhase[], name: string): boolean {
  return (phases as readonly string[]).includes(name);
}

/** What the upstream test says to the run: its checksum before and after, which already hold what it wrote. */
export function upstreamVerdict(events: readonly RunEvent[]): 'caught' | 'missed' | 'not measured' {
  const sums = events.flatMap((event) => (event.type === 'upstream-checksum' ? [event] : []));
  const before = sums.find(({ moment }) => moment === 'before');
  const after = sums.find(({ moment }) => moment === 'after');
  if (before === undefined || after === undefined) return 'not measured';
  return before.sha256 !== '' && before.sha256 === after.sha256 ? 'missed' : 'caught';
}
