/** The matrix as text for a terminal. */
import { formatDuration, formatRuns, plural } from '../../helpers/verdict/quantities.ts';
import type { MatrixRow } from './row.ts';

/** The exit code that the rows amount to, as `--help` says. */
export function exitCodeOf(rows: readonly MatrixRow[]): 0 | 1 | 2 {
  const judged = rows.filter(({ asExpected }) => asExpected !== null);
  if (judged.length > 0) return judged.every(({ asExpected }) => asExpected) ? 0 : 1;
  if (rows.some(({ verdict }) => verdict === 'inconsistent')) return 1;
  return rows.length > 0 && rows.every(({ verdict }) => verdict === 'consistent') ? 0 : 2;
}

/** A line for a release and, where there is something to show, its evidence in lines below. */
export function rowText(row: MatrixRow): string {
  const surprise = row.asExpected === false ? `  EXPECTED ${expectationWords(row)}` : '';
  const cited = row.cited.length === 0 ? '' : `  ${row.cited.join(', ')}`;
  const where = row.target === 'embedded' ? 'embedded' : `context ${row.target}`;
  const head = `${row.version.padEnd(11)} ${row.verdict.toUpperCase().padEnd(13)} ${where.padEnd(9)} ${formatDuration(row.durationMs).padStart(8)}${cited}${surprise}`;
  return [head, ...evidence(row).map((line) => `            ${line}`)].join('\n');
}

function evidence(row: MatrixRow): string[] {
  if (row.verdict === 'consistent' && row.asExpected !== false) return [];
  const { findings, wrongMibs, rebuilt, headline, replay, runDir } = row;
  const wrong =
    wrongMibs.length === 0
      ? ''
      : `; ${plural(wrongMibs.length, 'wrong MiB', 'wrong MiB')}: ${formatRuns(wrongMibs, 8)}`;
  return [
    headline,
    ...(findings.length === 0 ? [] : [`findings ${findings.join(', ')}${wrong}`]),
    ...rebuilt.map((replica) => `rebuilt  ${replica}`),
    `reports  ${runDir}`,
    `replay   ${replay}`,
  ];
}

export function expectationWords({ expected }: MatrixRow): string {
  if (expected === null) return 'nothing';
  return expected.issue === undefined ? expected.verdict : `${expected.verdict} by ${expected.issue}`;
}

export function tableText(rows: readonly MatrixRow[]): string {
  const count = (name: string): number => rows.filter(({ verdict }) => verdict === name).length;
  const score = ['consistent', 'inconsistent', 'inconclusive']
    .map((name) => `${String(count(name))} ${name}`)
    .join(', ');
  const surprises = rows.filter(({ asExpected }) => asExpected === false).map(({ version }) => version);
  const expected = surprises.length === 0 ? '' : `; not as expected: ${surprises.join(', ')}`;
  return [...rows.map(rowText), '', `${score}${expected}`].join('\n');
}
