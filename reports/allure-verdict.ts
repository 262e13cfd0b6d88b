import { join } from 'node:path';
import { judge } from '../helpers/verdict/judge.ts';
import { formatBytes, formatDuration } from '../helpers/verdict/quantities.ts';
import type { Verdict } from '../helpers/verdict/verdict.ts';
import { LogTail } from './log-tail.ts';
import { replayCommand } from './replay.ts';
import { storyName } from '../helpers/eventlog/story.ts';
import { mainScenario } from '../helpers/oracle/plan.ts';
import { imageFormats } from './run-logs.ts';

/** The part of an Allure test result that a listener of allure-playwright may fill in before it is written. */
interface AllureResult {
  readonly name?: string;
  readonly fullName?: string;
  readonly links: { type?: string; name?: string; url: string }[];
  readonly parameters: { name: string; value: string; excluded?: boolean }[];
  description?: string;
}

export interface AllureListener {
  beforeTestResultWrite(result: AllureResult): void;
}

/**
 * Gives each Allure result what its event log says: links to the Longhorn issues whose symptoms were found, seed, target
 * and release as parameters, and the verdict as description. The test's title names its image format, its file the scenario. Parameters are
 * excluded from Allure's history: a new seed is not another test.
 */
export function verdictListener({ runDir }: { readonly runDir: string }): AllureListener {
  return {
    beforeTestResultWrite(result) {
      const title = result.fullName ?? result.name ?? '';
      const image = imageFormats.find((format) => new RegExp(`\\b${format}\\b`).test(title));
      const scenario = /([\w-]+)\.spec\.ts/.exec(title)?.[1] ?? mainScenario;
      if (image === undefined) return;
      const events = new LogTail(join(runDir, storyName({ scenario, image }), 'events.jsonl')).read();
      if (events.length === 0) return;
      const verdict = judge(events);
      result.links.push(...linksOf(verdict));
      for (const [name, value] of Object.entries(parametersOf(verdict)))
        result.parameters.push({ name, value, excluded: true });
      result.description = descriptionOf(verdict);
    },
  };
}

function linksOf({ findings }: Verdict): { type: string; name: string; url: string }[] {
  const citations = new Map(
    findings.flatMap((finding) => finding.citations.map((citation) => [citation.issue, citation])),
  );
  return [...citations.values()].map(({ issue, url, relation }) => ({
    type: 'issue',
    name: relation === 'known-defect' ? issue : `same symptom as ${issue}`,
    url,
  }));
}

function parametersOf(verdict: Verdict): Record<string, string> {
  const { subject, rebuild } = verdict;
  return {
    Verdict: verdict.verdict,
    Target: verdict.target === 'embedded' ? 'embedded (not a real cluster)' : `context ${verdict.target}`,
    Longhorn: verdict.longhornVersion ?? 'unknown',
    Seed: verdict.seed ?? 'unknown',
    Run: verdict.runId ?? 'unknown',
    ...(subject === null ? {} : { Volume: `${formatBytes(subject.sizeBytes)}, ${subject.replicaCount} replicas` }),
    ...(rebuild === null ? {} : { 'Rebuilt replica': rebuild.rebuilt.replica }),
  };
}

/** Markdown. */
function descriptionOf(verdict: Verdict): string {
  const passes = verdict.passes.map((phase) => `${phase.phase} ${phase.right}/${phase.passes}`).join(', ');
  const replay = replayCommand([verdict]);
  return [
    `**${verdict.verdict}**: ${verdict.headline}`,
    '',
    `Right passes: ${passes}. ${formatBytes(verdict.bytes.compared)} compared in ${formatDuration(verdict.durations.totalMs)}.`,
    '',
    ...verdict.findings.map(({ title }) => `- ${title}`),
    ...verdict.causes.map((cause) => `- not known: ${cause}`),
    ...(replay === null ? [] : ['', `Replay: \`${replay}\``]),
  ].join('\n');
}
