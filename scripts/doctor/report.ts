/** What `doctor --json` prints. */
import { z } from 'zod';
import { hinders, type CheckResult } from '../../helpers/longhorn/checks/check.ts';

const checkSchema = z.object({
  id: z.string().describe('Stable name of the check, e.g. `block-disks`.'),
  name: z.string().describe('What should hold, as a claim.'),
  weight: z
    .enum(['verdict', 'run', 'advice'])
    .describe(
      'verdict: no verdict without it or without knowing it; run: none without it, but a run finds out; advice: less can be shown.',
    ),
  state: z.enum(['ok', 'missing', 'unknown']).describe('Whether it holds; unknown where it could not be looked at.'),
  hinders: z.boolean().describe('Whether this alone makes a verdict impossible.'),
  seen: z.string().describe('What was seen, or why nothing could be.'),
  after: z.string().optional().describe('Id of the check that has to be ok before this one can be looked at.'),
  remedy: z.array(z.string()).describe('What to type or do, in order; empty where nothing is missing.'),
});

const promiseSchema = z.object({
  title: z.string().describe('The promise, as a claim.'),
  sources: z.array(z.string()).describe('Where Longhorn or Kubernetes make it: `repository:path@tag`, or a page.'),
  outcome: z.enum(['holds', 'does not hold', 'not checked']),
  detail: z.string().describe('Why it does not hold or was not checked; empty otherwise.'),
});

export const doctorReportSchema = z.object({
  target: z.string().describe('`embedded`, or the name of the kubeconfig context.'),
  verdictPossible: z.boolean().describe('Whether `verify` would come to a verdict, as far as can be told.'),
  exitCode: z.union([z.literal(0), z.literal(2)]),
  checks: z.array(checkSchema),
  contract: z.array(promiseSchema).optional().describe('With --contract: each promise that the suite relies on.'),
});

export type DoctorReport = z.infer<typeof doctorReportSchema>;
export type KeptPromise = z.infer<typeof promiseSchema>;

export function doctorJsonSchema(): unknown {
  return z.toJSONSchema(doctorReportSchema);
}

export function reportOf(
  target: string,
  results: readonly CheckResult[],
  contract: readonly KeptPromise[] | undefined,
): DoctorReport {
  const broken = contract?.some(({ outcome }) => outcome === 'does not hold') === true;
  const verdictPossible = !results.some(hinders) && !broken;
  return {
    target,
    verdictPossible,
    exitCode: verdictPossible ? 0 : 2,
    checks: results.map((result) => ({
      id: result.id,
      name: result.name,
      weight: result.weight,
      state: result.state,
      hinders: hinders(result),
      seen: result.seen,
      ...(result.state === 'unknown' && result.after !== undefined ? { after: result.after } : {}),
      remedy: result.state === 'ok' ? [] : [...(result.remedy ?? [])],
    })),
    ...(contract === undefined ? {} : { contract: [...contract] }),
  };
}
