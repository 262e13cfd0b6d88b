import type { Claim } from './playwright-report.ts';

export interface Row {
  readonly part: string;
  readonly claim: string;
  readonly answer: 'same' | 'differs' | 'not checked';
  readonly why: string;
  /** A difference that nobody gave a reason for. */
  readonly failed: boolean;
}

export function rowOf(part: string, { title, comparison }: Claim): Row {
  const failed = comparison.kind === 'differs' && !comparison.expected;
  return { part, claim: title, answer: comparison.kind, why: comparison.kind === 'same' ? '' : comparison.why, failed };
}

/** The rows in three columns; a part is named at its first claim. */
export function renderTable(rows: readonly Row[]): string {
  const heads = ['real part', 'claim', 'same / differs (why)'] as const;
  const answers = rows.map(({ answer, why }) => (why === '' ? answer : `${answer}: ${why}`));
  const width = (head: string, cells: readonly string[]): number =>
    Math.max(head.length, ...cells.map((cell) => cell.length));
  const partWidth = width(
    heads[0],
    rows.map(({ part }) => part),
  );
  const claimWidth = width(
    heads[1],
    rows.map(({ claim }) => claim),
  );
  const line = (part: string, claim: string, answer: string): string =>
    `${part.padEnd(partWidth)}  ${claim.padEnd(claimWidth)}  ${answer}`.trimEnd();
  const body = rows.map(({ part, claim }, index) =>
    line(rows[index - 1]?.part === part ? '' : part, claim, answers[index] ?? ''),
  );
  return [
    line(...heads),
    line('-'.repeat(partWidth), '-'.repeat(claimWidth), '-'.repeat(heads[2].length)),
    ...body,
  ].join('\n');
}

/** `98 same, 7 differ on purpose, 1 not checked, 0 differ otherwise`. */
export function summaryLine(rows: readonly Row[]): string {
  const count = (matches: (row: Row) => boolean): string => String(rows.filter(matches).length);
  return [
    `${count((row) => row.answer === 'same')} same`,
    `${count((row) => row.answer === 'differs' && !row.failed)} differ on purpose`,
    `${count((row) => row.answer === 'not checked')} not checked`,
    `${count((row) => row.failed)} differ otherwise`,
  ].join(', ');
}
