import { join, relative } from 'node:path';
import { combine } from '../helpers/verdict/combine.ts';
import { formatBytes, formatChance, formatDuration, formatRuns, plural } from '../helpers/verdict/quantities.ts';
import type { Finding, PassSummary, Verdict, VerdictName } from '../helpers/verdict/verdict.ts';
import { diskWords } from '../helpers/verdict/words.ts';
import { replayCommand, storyWords } from './replay.ts';
import { styles, usesColour, type Style } from './terminal.ts';

export interface ScreenOptions {
  /** Where the reports of the run are; they are not named when it is absent. */
  readonly runDir?: string;
  /** Default: standard output is a terminal and NO_COLOR is not set. */
  readonly colour?: boolean;
}

const width = 100;
const height = 24;

const verdictStyle: Record<VerdictName, Style> = { consistent: 'good', inconsistent: 'bad', inconclusive: 'doubtful' };

interface Line {
  readonly text: string;
  readonly style?: Style;
}

/** The verdict for a person: at most 24 lines of at most 100 columns, whatever the number of findings. */
export function renderScreen(verdicts: readonly Verdict[], options: ScreenOptions): string {
  const head = headLines(verdicts);
  const foot = footLines(verdicts, options.runDir);
  const share = Math.floor((height - head.length - foot.length) / Math.max(1, verdicts.length));
  const blocks = [head, ...verdicts.map((verdict) => verdictLines(verdict, share)), foot];
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const airy = count + blocks.length - 1 <= height;
  const lines = blocks.flatMap((block, index) => (airy && index > 0 ? [{ text: '' }, ...block] : block));
  const colour = options.colour ?? usesColour(process.stdout);
  return lines
    .slice(0, height)
    .map(({ text, style }) => {
      const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
      return colour && style !== undefined ? styles[style](cut) : cut;
    })
    .join('\n');
}

function headLines(verdicts: readonly Verdict[]): Line[] {
  const run = combine(verdicts);
  const [first] = verdicts;
  const target =
    first === undefined
      ? 'nothing was run'
      : first.target === 'embedded'
        ? 'EMBEDDED cluster, not a real one'
        : `context ${first.target}`;
  const facts = [target, `Longhorn ${first?.longhornVersion ?? 'unknown'}`, `seed ${first?.seed ?? 'unknown'}`];
  const style = verdictStyle[run.verdict];
  return [
    { text: '─'.repeat(width), style: 'faint' },
    { text: `${run.verdict.toUpperCase()}   ${facts.join(' · ')} · exit code ${run.exitCode}`, style },
    ...wrap(run.headline, width)
      .slice(0, 3)
      .map((text) => ({ text })),
  ];
}

function verdictLines(verdict: Verdict, share: number): Line[] {
  const label = storyWords(verdict).padEnd(6);
  const style = verdictStyle[verdict.verdict];
  const lines: Line[] = [
    { text: `${label} ${verdict.verdict.toUpperCase()}  ${comparedWords(verdict)}`, style },
    ...rebuildLine(verdict),
    ...wrapped('       right    ', passesWords(verdict), 'faint'),
  ];
  const details: Line[] = [
    ...verdict.findings.flatMap(findingLines),
    ...verdict.causes.flatMap((cause) => wrapped('     ? ', cause, 'doubtful')),
    ...verdict.notes.flatMap((note) => wrapped('     · ', note, 'faint')),
  ];
  const room = Math.max(1, share - lines.length);
  if (details.length <= room) return [...lines, ...details];
  const left = details.length - (room - 1);
  return [
    ...lines,
    ...details.slice(0, room - 1),
    { text: `     … ${left} more lines in verdict.json`, style: 'faint' },
  ];
}

/** At most three lines, the later ones indented under the first. */
function wrapped(lead: string, text: string, style: Style): Line[] {
  return wrap(shorten(text), width - lead.length)
    .slice(0, 3)
    .map((line, index) => ({ text: `${index === 0 ? lead : ' '.repeat(lead.length)}${line}`, style }));
}

function comparedWords({ bytes, passes, durations }: Verdict): string {
  const count = passes.reduce((sum, phase) => sum + phase.passes, 0);
  const readBytes = passes.reduce((sum, phase) => sum + phase.comparedBytes, 0);
  // A volume that grew was read at several sizes.
  const product = readBytes === count * bytes.device ? `${formatBytes(bytes.device)} × ` : '';
  const equals = product === '' ? ',' : ' =';
  return (
    `${product}${plural(count, 'pass', 'passes')}${equals} ${formatBytes(bytes.compared)} compared ` +
    `with the oracle in ${formatDuration(durations.totalMs)}`
  );
}

function rebuildLine({ rebuild, subject }: Verdict): Line[] {
  if (rebuild === null) return [];
  const { rebuilt, sources, durationMs } = rebuild;
  const from = sources.map((source) => `${source.replica} on ${diskWords(source)}`).join(', ');
  const took = durationMs === null ? '' : ` in ${formatDuration(durationMs)}`;
  const which = subject?.volumes === undefined ? '' : `1 of ${subject.volumes}: `;
  const text = `       rebuilt  ${which}${rebuilt.replica} on ${diskWords(rebuilt)} from ${from}${took}`;
  return [{ text: shorten(text), style: 'faint' }];
}

const phaseLabels: Record<PassSummary['phase'], string> = {
  baseline: 'before',
  degraded: 'degraded',
  rebuilding: 'during',
  rebuilt: 'after',
  isolated: 'alone',
  source: 'source alone',
  recovered: 'recovered',
  reverted: 'reverted',
  snapshot: 'snapshots',
  resized: 'resized',
  discarded: 'discarded',
  bystander: 'bystander',
  reattached: 'reattached',
  'isolated-second': 'second alone',
};

function passesWords({ passes }: Verdict): string {
  return passes
    .filter(({ planned, passes: made, lost }) => planned + made + lost > 0)
    .map(passWords)
    .join(' · ');
}

function passWords({ phase, passes, planned, right, distinctDigests }: PassSummary): string {
  const digests = distinctDigests > 1 ? ` (${distinctDigests} digests)` : '';
  const missing = passes < planned ? ` (${planned - passes} missing)` : '';
  return `${phaseLabels[phase]} ${right}/${passes}${digests}${missing}`;
}

function findingLines(finding: Finding): Line[] {
  const issues = [...new Set(finding.citations.map(({ issue }) => issue.replace('longhorn/longhorn', '')))].join(' ');
  const cited = issues === '' ? '' : `  [${issues}]`;
  const room = width - 7 - cited.length;
  const short = shorten(finding.title);
  const title = short.length > room ? `${short.slice(0, room - 1)}…` : short;
  const line: Line = { text: `     ✗ ${title}${cited}`, style: 'bad' };
  if (finding.kind !== 'content' || finding.blamed === null || finding.replicas.length > 1) return [line];
  const kinds = Object.keys(finding.wrongByteKinds).join(', ') || 'not extracted';
  const blocks = `       ${plural(finding.wrongMibs.length, 'MiB', 'MiB')} (${kinds}): ${formatRuns(finding.wrongMibs, 10)}`;
  return [line, { text: blocks }];
}

function footLines(verdicts: readonly Verdict[], runDir: string | undefined): Line[] {
  const known = new Map(
    verdicts.flatMap(({ findings }) =>
      findings.flatMap(({ citations }) => citations.map(({ issue, url, relation }) => [issue, { url, relation }])),
    ),
  );
  const chance = verdicts.map(({ sampling }) => sampling).find((one) => one !== null);
  const lines: Line[] = [...known].map(([issue, { url, relation }]) => ({
    text: `${relation === 'known-defect' ? 'known   ' : 'similar '} ${issue}  ${url}`,
  }));
  if (chance !== undefined) {
    lines.push({
      text:
        `chance   ${plural(chance.passes, 'pass', 'passes')} by ${chance.replicas} replicas alone miss a one-request fault with ` +
        `${formatChance(chance.missOneRequest)}; isolation misses none`,
      style: 'faint',
    });
  }
  if (runDir !== undefined) {
    const dir = relative(process.cwd(), runDir) || '.';
    lines.push({
      text: `reports  ${join(dir, 'html', 'index.html')} · ${join('allure', 'index.html')} · <story>/*.svg · verdict.json`,
    });
  }
  const replay = replayCommand(verdicts);
  if (replay !== null) lines.push({ text: `replay   ${replay}` });
  return lines;
}

/** A replica and a disk are known by their last and their first characters; verdict.json has the whole names. */
function shorten(text: string): string {
  return text
    .replace(/\b\S+?-(r-[0-9a-f]{8})\b/g, '$1')
    .replace(/\breplica r-/g, 'r-')
    .replace(/ disk (\S+\/)/g, ' $1')
    .replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '$1…');
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
