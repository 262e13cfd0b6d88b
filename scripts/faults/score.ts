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
  /** The expected replica was blamed. */
  readonly blamed: 'right' | 'nobody' | 'not-expected';
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
    blamed: blamedOf(proofs, verdict, expected),
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

function blamedOf(
  proofs: readonly Finding[],
  verdict: Verdict | undefined,
  expected: Expectation | undefined,
): Score['blamed'] {
  if (expected?.replica !== 'rebuilt') return 'not-expected';
  // Replicas that were there before any rebuild; every other one was rebuilt, the second from the first.
  const original = [verdict?.rebuild?.removed, ...(verdict?.rebuild?.sources ?? []).map(({ replica }) => replica)];
  const named = proofs.map((finding) =>
    finding.kind === 'content' ? finding.blamed?.replica : 'replica' in finding ? finding.replica.replica : undefined,
  );
  const known = verdict?.rebuild !== null && verdict?.rebuild !== undefined;
  return known && named.some((name) => name !== undefined && !original.includes(name)) ? 'right' : 'nobody';
}
