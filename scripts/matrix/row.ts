/** One line of the table: what a run said about a release, and by what evidence. */
import { join } from 'node:path';
import { z } from 'zod';
import { parseRelease } from '../../helpers/longhorn/version.ts';
import { verdictNameSchema } from '../../helpers/verdict/schema.ts';
import type { RunVerdict } from '../../helpers/verdict/verdict.ts';
import type { ToolResult } from '../verify/child.ts';
import type { Expectation } from './request.ts';

export const matrixRowSchema = z.object({
  version: z.string(),
  /** What ran: `embedded`, or the kubeconfig context; with the release as its running images name it. */
  target: z.string(),
  runningVersion: z.string().nullable(),
  verdict: verdictNameSchema,
  headline: z.string(),
  /** Finding kinds, each once. */
  findings: z.array(z.string()),
  /** Known defects that the findings cite. */
  cited: z.array(z.string()),
  /** The replica that the rebuild made, with node and disk; one per image format. */
  rebuilt: z.array(z.string()),
  /** Wrong MiBs of the device, over all image formats. */
  wrongMibs: z.array(z.number()),
  expected: z.object({ verdict: verdictNameSchema, issue: z.string().optional() }).nullable(),
  asExpected: z.boolean().nullable(),
  seed: z.string().nullable(),
  replay: z.string(),
  durationMs: z.number(),
  runDir: z.string(),
  report: z.string(),
});
export type MatrixRow = z.infer<typeof matrixRowSchema>;

export interface RowSource {
  readonly version: string;
  readonly target: 'embedded' | 'context';
  readonly run: RunVerdict | undefined;
  readonly ended: Pick<ToolResult, 'ended' | 'outDir'>;
  readonly expected: Expectation | undefined;
  readonly durationMs: number;
  readonly replay: string;
}

/**
 * A run without a verdict is inconclusive, and so is one on another release than was asked for. A `version` that is an
 * image is not held against the running release.
 */
export function makeRow(source: RowSource): MatrixRow {
  const { version, run, ended, expected, durationMs, replay } = source;
  const verdicts = run?.verdicts ?? [];
  const findings = verdicts.flatMap((verdict) => verdict.findings);
  const cited = [...new Set(findings.flatMap(({ citations }) => citations.map(({ issue }) => issue)))];
  const runningVersion = verdicts[0]?.longhornVersion ?? null;
  const other = runningVersion !== null && parseRelease(version) !== undefined && runningVersion !== version;
  const verdict = run === undefined || other ? 'inconclusive' : run.verdict;
  const asExpected =
    expected === undefined
      ? null
      : verdict === expected.verdict && (expected.issue === undefined || cited.includes(expected.issue));
  return {
    version,
    target: verdicts[0]?.target ?? source.target,
    runningVersion,
    verdict,
    headline: other
      ? `${version} was asked for, but ${runningVersion} runs there`
      : (run?.headline ?? `The run gave no verdict: ${ended.ended}; see ${join(ended.outDir, 'output.txt')}`),
    findings: [...new Set(findings.map(({ kind }) => kind))],
    cited,
    rebuilt: verdicts.flatMap(({ image, rebuild }) => {
      if (rebuild === null) return [];
      const { replica, nodeId, diskName, diskUuid } = rebuild.rebuilt;
      return [`${image ?? 'run'}: ${replica} on ${nodeId ?? 'unknown'}/${diskName ?? diskUuid ?? 'unknown'}`];
    }),
    wrongMibs: [...new Set(findings.flatMap((finding) => (finding.kind === 'content' ? finding.wrongMibs : [])))].sort(
      (a, b) => a - b,
    ),
    expected: expected ?? null,
    asExpected,
    seed: verdicts[0]?.seed ?? null,
    replay,
    durationMs,
    runDir: ended.outDir,
    report: join(ended.outDir, 'html', 'index.html'),
  };
}
