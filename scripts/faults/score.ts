/** What a run of the suite against a fault shows: computed from its verdict and from what the fault really changed. */
import { z } from 'zod';
import type { Control, Expectation, RunnableFault } from '../../embedded/faults/fault.ts';
import { checkOf, type CheckId } from './checks.ts';
import type { Finding, Verdict } from '../../helpers/verdict/verdict.ts';

export const livenessSchema = z.object({
  fault: z.string(),
  parameters: z.string(),
  differences: z.number(),
  examples: z.array(z.object({ what: z.enum(['bytes', 'name', 'state']), detail: z.string() })),
  changed: z.array(z.object({ replica: z.string(), mibs: z.array(z.number()) })),
});
export type FaultLiveness = z.infer<typeof livenessSchema>;

/**
 * - `caught`: live, and a finding that has a right to says so.
 * - `caught-otherwise`: live, and only findings that were not expected speak against it.
 * - `unclear`: live, no finding, but the verdict is inconclusive: nobody was told that all is well.
 * - `survived`: live and `consistent`.
 * - `equivalent`: nothing differed in this run.
 * - `silent`, `false-alarm`: a control without and with an alarm.
 * - `no-result`: the run itself failed.
 */
export type Outcome =
  'caught' | 'caught-otherwise' | 'unclear' | 'survived' | 'equivalent' | 'silent' | 'false-alarm' | 'no-result';

export interface Score {
  readonly outcome: Outcome;
  /** Findings as a person reads them, those that have a right to catch the fault first. */
  readonly findings: readonly string[];
  readonly kinds: readonly string[];
  /** The checks that the findings come from. */
  readonly checks: readonly CheckId[];
  readonly wrongBytes: readonly string[];
  /** Whether findings that prove it name a replica that the fault struck; `not-expected` where it strikes all alike or none for good. */
  readonly blamed: 'right' | 'nobody' | 'another' | 'not-expected';
  /** Whether every MiB that a finding of wrong bytes names is one that the fault changed; `not-expected` without such. */
  readonly located: 'right' | 'elsewhere' | 'not-expected';
  readonly differences: number;
  readonly why: string;
}

export interface FaultRun {
  readonly fault: RunnableFault | Control;
  readonly verdict: Verdict | undefined;
  readonly liveness: FaultLiveness | undefined;
  /** How the child process ended, for a run without a verdict. */
  readonly ended: string;
}

export function score(run: FaultRun): Score {
  const { fault, verdict, liveness } = run;
  const differences = liveness?.differences ?? 0;
  const findings = verdict?.findings ?? [];
  const expected = fault.kind === 'fault' ? fault.expected : undefined;
  const proofs = expected === undefined ? [] : findings.filter((finding) => proves(finding, expected));
  const ordered = [...proofs, ...findings.filter((finding) => !proofs.includes(finding))];
  return {
    outcome: outcomeOf(run, differences, proofs.length),
    findings: ordered.map(({ title }) => title),
    kinds: [...new Set(ordered.map(({ kind }) => kind))],
    checks: [...new Set(ordered.map(checkOf))],
    wrongBytes: [
      ...new Set(
        findings.flatMap((finding) => (finding.kind === 'content' ? Object.keys(finding.wrongByteKinds) : [])),
      ),
    ],
    blamed: blamedOf(run, proofs),
    located: locatedOf(findings, liveness),
    differences,
    why: verdict === undefined ? run.ended : verdict.verdict === 'inconclusive' ? (verdict.causes[0] ?? '') : '',
  };
}

function outcomeOf({ fault, verdict }: FaultRun, differences: number, proofs: number): Outcome {
  if (verdict === undefined) return 'no-result';
  if (fault.kind === 'control') {
    if (verdict.verdict !== 'consistent') return 'false-alarm';
    return differences === 0 ? 'equivalent' : 'silent';
  }
  if (differences === 0) return verdict.verdict === 'consistent' ? 'equivalent' : 'no-result';
  switch (verdict.verdict) {
    case 'consistent':
      return 'survived';
    case 'inconclusive':
      return 'unclear';
    case 'inconsistent':
      return proofs > 0 ? 'caught' : 'caught-otherwise';
  }
}

function proves(finding: Finding, expected: Expectation): boolean {
  if (!(expected.findings as readonly string[]).includes(finding.kind)) return false;
  if (finding.kind !== 'content' || expected.wrongBytes.length === 0) return true;
  return Object.keys(finding.wrongByteKinds).some((kind) => (expected.wrongBytes as readonly string[]).includes(kind));
}

function blamedOf({ fault, verdict, liveness }: FaultRun, proofs: readonly Finding[]): Score['blamed'] {
  const struck = fault.kind === 'fault' ? fault.expected.replica : 'none';
  if (struck === 'all' || struck === 'none') return 'not-expected';
  const named = proofs.flatMap((finding) => replicaNamedBy(finding) ?? []);
  if (named.length === 0) return 'nobody';
  const changed = (liveness?.changed ?? []).map(({ replica }) => replica).filter((replica) => replica !== '');
  if (struck === 'one') {
    return changed.length === 0 || named.some((replica) => changed.includes(replica)) ? 'right' : 'another';
  }
  const { removed, rebuilt, sources = [] } = verdict?.rebuild ?? {};
  // Replicas that were there before any rebuild; every other one was rebuilt, the second from the first. A replica that
  // comes back is rebuilt under its old name.
  const original = [removed, ...sources.map(({ replica }) => replica)].filter((name) => name !== rebuilt?.replica);
  return named.some((replica) => !original.includes(replica)) ? 'right' : 'another';
}

function replicaNamedBy(finding: Finding): string | undefined {
  if (finding.kind === 'content') return finding.blamed?.replica;
  return 'replica' in finding ? finding.replica.replica : undefined;
}

function locatedOf(findings: readonly Finding[], liveness: FaultLiveness | undefined): Score['located'] {
  const changed = new Set((liveness?.changed ?? []).flatMap(({ mibs }) => mibs));
  const named = findings.flatMap((finding) => (finding.kind === 'content' ? finding.wrongMibs : []));
  if (changed.size === 0 || named.length === 0) return 'not-expected';
  return named.every((mib) => changed.has(mib)) ? 'right' : 'elsewhere';
}
