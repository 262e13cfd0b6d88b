import { appendFile } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import type { FullResult, Reporter } from '@playwright/test/reporter';
import { readEvents } from '../helpers/eventlog/reader.ts';
import type { RunEvent } from '../helpers/verdict/events.ts';
import { combine } from '../helpers/verdict/combine.ts';
import { judge } from '../helpers/verdict/judge.ts';
import { formatBytes, formatChance, formatDuration, formatRuns } from '../helpers/verdict/quantities.ts';
import type { Finding, Verdict } from '../helpers/verdict/verdict.ts';
import { phaseWords } from '../helpers/verdict/words.ts';
import { textEvidence } from './drawings/evidence.ts';
import { githubAnnotations } from './github-annotations.ts';
import { replayCommand, storyWords } from './replay.ts';
import { findRunLogs } from './run-logs.ts';

const signs = { consistent: '✅', inconsistent: '❌', inconclusive: '❔' } as const;

/**
 * Adds the verdict with its block maps to a GitHub job's summary, and annotates the job with findings and causes. Does
 * nothing where GITHUB_STEP_SUMMARY and GITHUB_ACTIONS are not set.
 */
export default class GithubSummaryReporter implements Reporter {
  private readonly runDir: string;

  constructor({ runDir }: { readonly runDir: string }) {
    this.runDir = runDir;
  }

  printsToStdio(): boolean {
    return false;
  }

  async onEnd(_result: FullResult): Promise<void> {
    const { GITHUB_STEP_SUMMARY: file = '', GITHUB_ACTIONS: actions } = process.env;
    if (file === '' && actions !== 'true') return;
    const logs = await findRunLogs(this.runDir).catch(() => []);
    const histories = await Promise.all(logs.map(({ path }) => readEvents(path).catch(() => [])));
    const verdicts = histories.map((events) => judge(events));
    if (actions === 'true') for (const line of githubAnnotations(verdicts)) console.log(line);
    if (file === '') return;
    const maps = histories.map((events, index) => githubBlockMap(basename(logs[index]?.dir ?? ''), events)).join('');
    await appendFile(file, githubSummary(verdicts, relative(process.cwd(), this.runDir)) + maps);
  }
}

/** Markdown: the verdict, a table of what was compared, the findings, where the drawings are, how to replay. */
export function githubSummary(verdicts: readonly Verdict[], runDir: string): string {
  const run = combine(verdicts);
  const [first] = verdicts;
  const target =
    first?.target === 'embedded'
      ? 'the **embedded** cluster, not a real one'
      : `context \`${first?.target ?? 'none'}\``;
  const replay = replayCommand(verdicts);
  const sampling = verdicts.map((verdict) => verdict.sampling).find((one) => one !== null);
  return [
    `## ${signs[run.verdict]} ${run.verdict}: Longhorn V2 ${first?.longhornVersion ?? 'of unknown version'} on ${target}`,
    '',
    escapeMarkdown(run.headline),
    '',
    '| story | verdict | compared | right | took |',
    '|---|---|---|---|---|',
    ...verdicts.map(row),
    '',
    ...verdicts.flatMap(details),
    ...(sampling === undefined
      ? []
      : [
          `Passes alone would have missed a fault of one request with a chance of ${formatChance(sampling.missOneRequest)}.`,
          '',
        ]),
    `Block maps and timeline: \`${runDir}/<story>/block-map-after.svg\`, \`timeline.svg\`, also attached in \`${runDir}/html\`.`,
    ...(replay === null ? [] : ['', '```', replay, '```']),
    '',
    '',
  ].join('\n');
}

/** Markdown: the block map after the rebuild, folded; a job's summary shows no SVG. */
export function githubBlockMap(name: string, events: readonly RunEvent[]): string {
  const lines = textEvidence(events);
  if (lines.length === 0) return '';
  const body = ['```text', ...lines.map((line) => line.replaceAll('`', "'")), '```'];
  const head = `<details><summary>Block map after the rebuild, ${name}</summary>`;
  return [head, '', ...body, '', '</details>', '', ''].join('\n');
}

function row(story: Verdict): string {
  const { verdict, bytes, passes, durations } = story;
  const right = passes.map(({ phase, ...seen }) => `${phaseWords[phase]} ${seen.right}/${seen.planned || seen.passes}`);
  const cells = [
    storyWords(story),
    `${signs[verdict]} ${verdict}`,
    formatBytes(bytes.compared),
    right.join(', '),
    formatDuration(durations.totalMs),
  ];
  return `| ${cells.join(' | ')} |`;
}

function details(story: Verdict): string[] {
  const { findings, causes } = story;
  if (findings.length + causes.length === 0) return [];
  return [
    `### ${storyWords(story)}`,
    '',
    ...findings.map(
      (finding) => `- ❌ ${escapeMarkdown(finding.title)}${blockWords(finding)}${citationWords(finding)}`,
    ),
    ...causes.map((cause) => `- ❔ ${escapeMarkdown(cause)}`),
    '',
  ];
}

function blockWords(finding: Finding): string {
  return finding.kind === 'content' ? ` (MiB ${formatRuns(finding.wrongMibs)})` : '';
}

function citationWords({ citations }: Finding): string {
  return citations
    .map(({ issue, url, relation }) => ` ${relation === 'same-symptom' ? 'like ' : ''}[${issue}](${url})`)
    .join('');
}

/** Names and log lines are text here, never markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}
