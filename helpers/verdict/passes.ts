import type { Fingerprint } from '../oracle/plan.ts';
import type { RunEvent } from './events.ts';
import type { PassesDisagreeFinding } from './finding-schema.ts';
import {
  compareText,
  contentOf,
  eventsOf,
  expectations,
  firstOf,
  phases,
  plannedPasses,
  replicaSetKey,
  type EventOf,
} from './history.ts';
import { bytesPerMib, plural } from './quantities.ts';
import type { PassSummary } from './verdict.ts';
import { contentWords, phaseWords } from './words.ts';

export type PassEvent = EventOf<'pass'>;

export type JudgedPass = { readonly pass: PassEvent } & (
  | { readonly outcome: 'right' }
  | { readonly outcome: 'wrong'; readonly wrongMibs: readonly number[] }
  /** The pass cannot be used, and `reason` says why. */
  | { readonly outcome: 'no-result'; readonly reason: string }
);

/**
 * Compares every pass with the oracle's fingerprint of the content that it names, from the digests and not from what the
 * run concluded. What no plan and no content says to expect is no result.
 */
export function judgePasses(events: readonly RunEvent[]): JudgedPass[] {
  const expected = expectations(events);
  return eventsOf(events, 'pass')
    .map((pass) => judgePass(pass, expected.get(contentOf(pass))))
    .sort((a, b) => comparePasses(a.pass, b.pass));
}

function comparePasses(a: PassEvent, b: PassEvent): number {
  return (
    phases.indexOf(a.phase) - phases.indexOf(b.phase) ||
    a.index - b.index ||
    compareText(replicaSetKey(a.replicas), replicaSetKey(b.replicas)) ||
    compareText(a.fingerprint.sha256, b.fingerprint.sha256)
  );
}

function judgePass(pass: PassEvent, expected: Fingerprint | undefined): JudgedPass {
  const seen = pass.fingerprint;
  if (expected === undefined)
    return { pass, outcome: 'no-result', reason: `no plan says what to expect of content ${contentOf(pass)}` };
  if (seen.byteCount === 0) return { pass, outcome: 'no-result', reason: 'it read zero bytes' };
  if (seen.mibSha256.length !== Math.ceil(seen.byteCount / bytesPerMib)) {
    const digests = plural(seen.mibSha256.length, 'digest');
    return { pass, outcome: 'no-result', reason: `it has ${digests} for ${seen.byteCount} bytes` };
  }
  const mibs = Math.max(seen.mibSha256.length, expected.mibSha256.length);
  const wrongMibs = Array.from({ length: mibs }, (_, mib) => mib).filter(
    (mib) => seen.mibSha256[mib] !== expected.mibSha256[mib],
  );
  const same = seen.sha256 === expected.sha256 && seen.byteCount === expected.byteCount;
  if (same !== (wrongMibs.length === 0)) {
    return { pass, outcome: 'no-result', reason: 'its digest of the device contradicts its digests per MiB' };
  }
  return same ? { pass, outcome: 'right' } : { pass, outcome: 'wrong', wrongMibs };
}

export function passName({ phase, index }: { phase: string; index: number }): string {
  return `${phase} pass ${index}`;
}

/** One line per phase that the plan or the log knows. */
export function summarisePasses(events: readonly RunEvent[], judged: readonly JudgedPass[]): PassSummary[] {
  const plan = firstOf(events, 'plan')?.plan;
  const lostEvents = eventsOf(events, 'pass-lost');
  return phases.flatMap((phase) => {
    const planned = plannedPasses(plan, phase);
    const here = judged.filter(({ pass }) => pass.phase === phase);
    const results = here.filter(({ outcome }) => outcome !== 'no-result');
    const lost = lostEvents.filter((event) => event.phase === phase).length + here.length - results.length;
    if (planned + results.length + lost === 0) return [];
    const summary: PassSummary = {
      phase,
      planned,
      passes: results.length,
      lost,
      right: here.filter(({ outcome }) => outcome === 'right').length,
      distinctDigests: mostDigestsOfOneContent(results),
      comparedBytes: results.reduce((sum, { pass }) => sum + pass.fingerprint.byteCount, 0),
    };
    return [summary];
  });
}

/** Several contents in one phase, e.g. of a volume that grows, have several digests rightly. */
function mostDigestsOfOneContent(results: readonly JudgedPass[]): number {
  const byContent = groupBySource(results, ({ pass: { phase, content } }) => ({
    phase,
    ...(content === undefined ? {} : { content }),
    replicas: [],
  }));
  return Math.max(0, ...byContent.map(({ items }) => new Set(items.map(({ pass }) => pass.fingerprint.sha256)).size));
}

interface Source {
  readonly phase: PassEvent['phase'];
  readonly content?: string;
  readonly replicas: readonly string[];
}

export interface SourceGroup<Item> extends Required<Source> {
  readonly items: Item[];
}

/** Groups what belongs to one phase, one content and one set of replicas that could answer, in the order of a run. */
export function groupBySource<Item>(items: readonly Item[], sourceOf: (item: Item) => Source): SourceGroup<Item>[] {
  const groups = new Map<string, SourceGroup<Item>>();
  for (const item of items) {
    const source = sourceOf(item);
    const { phase, replicas } = source;
    const content = contentOf(source);
    const place = String(phases.indexOf(phase)).padStart(2, '0');
    const key = `${place} ${content} ${replicaSetKey(replicas)}`;
    const group = groups.get(key) ?? { phase, content, replicas: [...new Set(replicas)].sort(), items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, group]) => group);
}

/** Passes of one phase by the same replicas whose digests differ: nobody writes, so they must not. */
export function disagreements(judged: readonly JudgedPass[]): PassesDisagreeFinding[] {
  const results = judged.filter(({ outcome }) => outcome !== 'no-result');
  return groupBySource(results, ({ pass }) => pass).flatMap(({ phase, content, replicas, items }) => {
    const digests = countDigests(items);
    if (digests.length < 2) return [];
    const drifts = digests.length === items.length && items.length > 2;
    const right = items.filter(({ outcome }) => outcome === 'right').length;
    const how = drifts ? 'no two alike' : `alternating between ${digests.length} digests`;
    return [
      {
        kind: 'passes-disagree',
        title: `${plural(items.length, 'pass', 'passes')} ${phaseWords[phase]}${contentWords(content)} disagree: ${how}, ${right} right`,
        evidence: digests.map(
          ({ sha256, passes, right: isRight }) =>
            `${plural(passes, 'pass', 'passes')} with SHA-256 ${sha256.slice(0, 16)}… (${isRight ? 'right' : 'wrong'})`,
        ),
        citations: [],
        phase,
        content,
        replicas: [...replicas],
        behaviour: drifts ? 'drifts' : 'alternates',
        digests,
      },
    ];
  });
}

function countDigests(passes: readonly JudgedPass[]): PassesDisagreeFinding['digests'] {
  const counted = new Map<string, { sha256: string; passes: number; right: boolean }>();
  for (const { pass, outcome } of passes) {
    const { sha256 } = pass.fingerprint;
    const digest = counted.get(sha256) ?? { sha256, passes: 0, right: outcome === 'right' };
    digest.passes += 1;
    counted.set(sha256, digest);
  }
  return [...counted.values()].sort(
    (a, b) => Number(b.right) - Number(a.right) || b.passes - a.passes || compareText(a.sha256, b.sha256),
  );
}
