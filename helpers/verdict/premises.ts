import type { RunEvent } from './events.ts';
import type { PassPhase } from '../oracle/plan.ts';
import { patternStage } from '../oracle/recipe.ts';
import { eventsOf, firstOf, phases, placed, plannedPasses } from './history.ts';
import { passName, type JudgedPass } from './passes.ts';
import { formatDuration, plural } from './quantities.ts';
import { snapshotCauses } from './snapshots.ts';
import type { PassSummary } from './verdict.ts';
import { diskWords, phaseWords } from './words.ts';

/**
 * Why less is known than a verdict needs; empty when everything that a verdict rests on was seen. What the run itself
 * said comes first, then what is missing from its log: a run that compared nothing is not consistent.
 */
export function missingPremises(
  events: readonly RunEvent[],
  judged: readonly JudgedPass[],
  passes: readonly PassSummary[],
): string[] {
  const causes = [
    ...statedCauses(events),
    ...(firstOf(events, 'run-started') === undefined ? ['The log does not say which run it is of.'] : []),
    ...endCauses(events),
    ...writeCauses(events),
    ...rebuildCauses(events),
    ...churnCauses(events),
    ...passCauses(events, judged, passes),
    ...snapshotCauses(events, judged),
  ];
  return [...new Set(causes)];
}

function statedCauses(events: readonly RunEvent[]): string[] {
  return [
    ...eventsOf(events, 'premise')
      .filter(({ state }) => state === 'unmet')
      .map(({ name, detail }) => `Premise not met: ${name}: ${detail}`),
    ...eventsOf(events, 'trouble').map(({ what, message }) => `${what}: ${message}`),
    ...eventsOf(events, 'step')
      .filter(({ state }) => state === 'failed')
      .map(({ title, error }) => `Step "${title}" failed${error === undefined ? '' : `: ${error}`}`),
  ];
}

/** Every stage of the plan was written and flushed, and somebody looked at what its discards left. */
function writeCauses(events: readonly RunEvent[]): string[] {
  const plan = firstOf(events, 'plan')?.plan;
  if (plan === undefined) return [];
  const written = eventsOf(events, 'written');
  const stages = Object.entries({ [patternStage]: plan.writes, ...plan.stages });
  const discarding = stages.filter(([, writes]) => writes.some(({ kind }) => kind === 'discard'));
  const settled = new Set(eventsOf(events, 'discards-settled').map(({ content }) => content));
  return [
    ...stages.flatMap(([stage, writes]) => {
      const isPattern = stage === patternStage;
      const made = written.filter((event) => (event.stage ?? patternStage) === stage);
      if (made.length === 0 && writes.length > 0) {
        return [isPattern ? 'The planned writes were never made.' : `The writes of stage ${stage} were never made.`];
      }
      if (made.every(({ flushed }) => flushed)) return [];
      return [
        isPattern
          ? 'The writes were not flushed before the first pass.'
          : `The writes of stage ${stage} were not flushed before they were read.`,
      ];
    }),
    ...(settled.size < discarding.length ? ['Nobody looked at what discarded ranges read as.'] : []),
  ];
}

function rebuildCauses(events: readonly RunEvent[]): string[] {
  const plan = firstOf(events, 'plan')?.plan;
  const rebuilds = eventsOf(events, 'rebuild-proven');
  const causes: string[] = [];
  if (plan === undefined) causes.push('The log holds no plan, so nothing says what the volume should contain.');
  if (plan !== undefined && plan.volume.replicaCount < 2) {
    causes.push('The volume has a single replica: there is no rebuild and nothing to differ from.');
  }
  if (rebuilds.length === 0) causes.push('No rebuild was proven.');
  const left = (plan?.volumes ?? 1) - rebuilds.length;
  if (rebuilds.length > 0 && left > 0) causes.push(`The rebuilds of ${plural(left, 'volume')} were not proven.`);
  for (const { sources, rebuilt } of rebuilds) {
    if (sources.length === 0) causes.push('The source of the rebuild is unknown.');
    const sameDisk = sources.find(({ diskUuid }) => diskUuid === rebuilt.diskUuid);
    if (sameDisk === undefined) continue;
    causes.push(
      `Source and target of the rebuild are on the same disk, ${diskWords(placed(sameDisk))}, ` +
        'where a backing image lost in the rebuild (longhorn/longhorn#10340) cannot show.',
    );
  }
  return causes;
}

/** Where writes were to go on: that they did, and that there were reads among them. */
function churnCauses(events: readonly RunEvent[]): string[] {
  if (firstOf(events, 'plan')?.plan.churn === undefined) return [];
  const churned = eventsOf(events, 'churned');
  if (churned.every(({ writes }) => writes === 0)) return ['No write was acknowledged of those that were to go on.'];
  const crashes = churned.filter(({ inFlight }) => inFlight > 0).length;
  const unsettled =
    crashes > eventsOf(events, 'settled').length
      ? ['Nobody looked at what became of the writes that were in flight at a crash.']
      : [];
  return [
    ...unsettled,
    ...churned.flatMap(({ phase, flushed, inFlight, reads }) => [
      ...(flushed || inFlight > 0 ? [] : [`The writes that went on ${phaseWords[phase]} were not flushed.`]),
      ...(reads.requests > 0 ? [] : [`Nothing was read ${phaseWords[phase]}.`]),
    ]),
  ];
}

function passCauses(
  events: readonly RunEvent[],
  judged: readonly JudgedPass[],
  passes: readonly PassSummary[],
): string[] {
  const plan = firstOf(events, 'plan')?.plan;
  const proven = eventsOf(events, 'rebuild-proven').map(({ rebuilt: { replica } }) => replica);
  const [rebuilt] = proven;
  const results = judged.filter(({ outcome }) => outcome !== 'no-result');
  const lost = [
    ...eventsOf(events, 'pass-lost').map((event) => `${passName(event)} gave no result: ${event.reason}`),
    ...judged.flatMap((pass) => {
      return pass.outcome === 'no-result' ? [`${passName(pass.pass)} gave no result: ${pass.reason}`] : [];
    }),
  ];
  const causes = lost.map((cause) => `${cause.charAt(0).toUpperCase()}${cause.slice(1)}`);
  if (results.length === 0) return [...causes, 'Zero bytes were compared.'];
  const has = (phase: PassPhase): boolean => results.some(({ pass }) => pass.phase === phase);
  const wanted = (phase: PassPhase): boolean => plan === undefined || plannedPasses(plan, phase) > 0;
  if (!has('baseline')) causes.push('No baseline pass: what the volume held before the rebuild is unknown.');
  const others = phases.filter(
    (phase) => phase !== 'baseline' && phase !== 'isolated' && plannedPasses(plan, phase) > 0,
  );
  for (const phase of plan === undefined ? (['rebuilt'] as const) : others) {
    if (!has(phase)) causes.push(`No pass ${phaseWords[phase]}.`);
  }
  const alone = results.filter(({ pass }) => pass.phase === 'isolated' && pass.replicas.length === 1);
  if (alone.length === 0 && wanted('isolated')) causes.push('No pass with one replica alone, so no replica is proven.');
  else if (wanted('isolated')) {
    const unread = proven.filter((replica) => !alone.some(({ pass }) => pass.replicas[0] === replica));
    causes.push(...unread.map((replica) => `The rebuilt replica ${replica} was never read alone.`));
  }
  const again = results.filter(({ pass }) => pass.phase === 'isolated-second');
  if (again.some(({ pass }) => pass.replicas.length !== 1 || pass.replicas[0] === rebuilt)) {
    causes.push('The replica that was rebuilt second was not read alone.');
  }
  const sources = results.filter(({ pass }) => pass.phase === 'source');
  if (sources.some(({ pass }) => pass.replicas.length !== 1 || pass.replicas[0] === rebuilt)) {
    causes.push('No source of the rebuild was read alone.');
  }
  for (const { phase, passes: made, lost: missing } of passes) {
    const left = plannedPasses(plan, phase) - made - missing;
    if (left > 0 && made > 0)
      causes.push(`${plural(left, 'planned pass', 'planned passes')} ${phaseWords[phase]} never ran.`);
  }
  return causes;
}

function endCauses(events: readonly RunEvent[]): string[] {
  if (firstOf(events, 'run-finished') !== undefined) return [];
  const steps = eventsOf(events, 'step');
  const ended = new Set(steps.filter(({ state }) => state !== 'started').map(({ title }) => title));
  const open = steps.filter(({ title, state }) => state === 'started' && !ended.has(title)).at(-1);
  const after = formatDuration(Math.max(0, ...events.map(({ tMs }) => tMs)));
  const where = open === undefined ? '' : ` in step "${open.title}"`;
  return [`The log ends after ${after}${where}, before the run did.`];
}
