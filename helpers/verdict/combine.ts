import { exitCodes } from './judge.ts';
import type { RunVerdict, Verdict, VerdictName } from './verdict.ts';

/** Worst first: a finding beats not-knowing, and not-knowing beats fine. */
const worstFirst: readonly VerdictName[] = ['inconsistent', 'inconclusive', 'consistent'];

/** The verdict on a run of several image formats: the worst of them. Of none: `inconclusive`. */
export function combine(verdicts: readonly Verdict[]): RunVerdict {
  const verdict = worstFirst.find((name) => verdicts.some((one) => one.verdict === name)) ?? 'inconclusive';
  const leading = verdicts.find((one) => one.verdict === verdict);
  return {
    schemaVersion: 1,
    verdict,
    exitCode: exitCodes[verdict],
    headline: leading?.headline ?? 'No event log was found, so nothing can be judged.',
    verdicts: [...verdicts],
  };
}
